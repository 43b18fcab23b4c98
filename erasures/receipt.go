package erasures

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Receipt says what an erasure found and took away. It names no customer.
type Receipt struct {
	// ID of the erasure; empty where nothing was found, or nothing was to be taken away.
	ID string `json:"id,omitempty"`
	// Tenant, and whether a customer of it or all of it was erased.
	Tenant string `json:"tenant"`
	Scope  string `json:"scope"`
	// DryRun says that nothing was taken away.
	DryRun bool `json:"dry_run,omitempty"`
	// UnknownTenant says that nothing is stored of any customer of the tenant, and never was erased.
	UnknownTenant bool `json:"unknown_tenant,omitempty"`
	// Subject is the HMAC-SHA-256 of the customer id under Key, hexadecimal. Key is in the receipt of the run alone: who has it can show whom
	// the erasure was of, and nobody else can guess it.
	Subject string `json:"subject_hmac,omitempty"`
	Key     string `json:"subject_key,omitempty"`
	// BegunAt and DoneAt, UTC.
	BegunAt time.Time  `json:"begun_at"`
	DoneAt  *time.Time `json:"done_at,omitempty"`
	// Tables with what was in them.
	Tables []Found `json:"tables"`
	// Events that were erased, each once, whatever tables they were in.
	Events uint64 `json:"events"`
	// DeadLetters and LateFacts that were emptied; their place and reason stay.
	DeadLetters []Letter `json:"dead_letters,omitempty"`
	LateFacts   []Letter `json:"late_facts,omitempty"`
	// Entities and Days that were computed again: chains, cases and complaints; days of figures.
	Entities int `json:"entities_recomputed"`
	Days     int `json:"days_recomputed"`
	// Kafka is until when topics still hold the raw events.
	Kafka []Held `json:"kafka,omitempty"`
	// Notes are what the operator has to know or to do.
	Notes []string `json:"notes,omitempty"`
}

// Found is what there was in a table of database rapport_store, and what is left of it.
type Found struct {
	Table string `json:"table"`
	Rows  uint64 `json:"rows"`
	// Events that the rows were of; 0 in tables whose rows are of something else.
	Events uint64 `json:"events,omitempty"`
	// Left are rows that are still there; 0 once the erasure is done.
	Left uint64 `json:"left"`
}

// Letter is a refused or late record.
type Letter struct {
	Topic      string    `json:"topic"`
	Partition  int32     `json:"partition"`
	Offset     int64     `json:"offset"`
	AppendedAt time.Time `json:"appended_at"`
}

// Held is until when a topic still holds raw events.
type Held struct {
	Topic string `json:"topic"`
	// RetentionSeconds and SegmentSeconds are the topic's settings; a retention below 0 is for ever.
	RetentionSeconds int64 `json:"retention_seconds"`
	SegmentSeconds   int64 `json:"segment_seconds"`
	// Until is the latest time at which a record may still be there, UTC; nil is for ever.
	Until *time.Time `json:"until"`
}

// Nothing says that nothing was found.
func (r Receipt) Nothing() bool {
	for _, t := range r.Tables {
		if t.Rows > 0 {
			return false
		}
	}
	return len(r.DeadLetters) == 0 && len(r.LateFacts) == 0
}

// Text writes the receipt for people.
func (r Receipt) Text(w io.Writer) error {
	var b strings.Builder
	who := "a customer of tenant " + r.Tenant
	if r.Scope == ScopeTenant {
		who = "tenant " + r.Tenant
	}
	switch {
	case r.DryRun && r.Nothing():
		fmt.Fprintf(&b, "nothing is stored of %s: 0 rows everywhere\n", who)
	case r.DryRun:
		fmt.Fprintf(&b, "what is stored of %s, and would be erased:\n", who)
	case r.ID == "":
		fmt.Fprintf(&b, "nothing is stored of %s: 0 rows everywhere, nothing was changed\n", who)
	default:
		fmt.Fprintf(&b, "erasure  %s\nof       %s\nbegun    %s\n", r.ID, who, r.BegunAt.Format(time.RFC3339))
		if r.DoneAt != nil {
			fmt.Fprintf(&b, "done     %s\n", r.DoneAt.Format(time.RFC3339))
		}
		if r.Subject != "" {
			fmt.Fprintf(&b, "subject  %s (HMAC-SHA-256 of the customer id)\n", r.Subject)
		}
		if r.Key != "" {
			fmt.Fprintf(&b, "key      %s (of that hash; it is shown this once)\n", r.Key)
		}
	}
	b.WriteString("\n")
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	// It writes to memory, and what is left says nothing before anything was taken.
	if r.ID == "" {
		_, _ = fmt.Fprint(table, "rows\tevents\t table\n")
	} else {
		_, _ = fmt.Fprint(table, "rows\tevents\tleft\t table\n")
	}
	for _, t := range r.Tables {
		if r.ID == "" {
			_, _ = fmt.Fprintf(table, "%d\t%d\t %s\n", t.Rows, t.Events, t.Table)
		} else {
			_, _ = fmt.Fprintf(table, "%d\t%d\t%d\t %s\n", t.Rows, t.Events, t.Left, t.Table)
		}
	}
	_ = table.Flush()
	fmt.Fprintf(&b, "\n%d events; %d dead letters and %d late facts", r.Events, len(r.DeadLetters), len(r.LateFacts))
	if r.ID != "" {
		fmt.Fprintf(&b, " emptied; %d chains, cases and complaints and %d days computed again", r.Entities, r.Days)
	}
	b.WriteString("\n")
	letters(&b, "dead letter", r.DeadLetters)
	letters(&b, "late fact", r.LateFacts)
	for _, h := range r.Kafka {
		until := "for ever: its retention has no end"
		if h.Until != nil {
			until = "until " + h.Until.Format(time.RFC3339) + " at the latest"
		}
		fmt.Fprintf(&b, "  Kafka holds raw events in %s %s\n", h.Topic, until)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "  %s\n", n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// shownLetters bounds what people are shown; the receipt as JSON has them all.
const shownLetters = 20

func letters(b *strings.Builder, what string, all []Letter) {
	for i, l := range all {
		if i == shownLetters {
			fmt.Fprintf(b, "  ... and %d more\n", len(all)-shownLetters)
			return
		}
		fmt.Fprintf(b, "  %s %s/%d/%d\n", what, l.Topic, l.Partition, l.Offset)
	}
}
