// Package replays reads events again from Kafka, outside of the consumer group, and puts them through the same steps into place: under the same keys and versions, so
// that what is there already stays as it is, and what was lost or is judged otherwise by now changes.
package replays

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cenkalti/backoff/v5"

	"github.com/rapport-project/rapport/deadletters"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/schemas"
)

// batchRecords are judged and stored at once.
const batchRecords = 5000

// patience is how long a step that fails is tried again.
const patience = time.Minute

// Options is what Run works with. All but Tenant, DryRun, Permanent and Progress are required.
type Options struct {
	Conn driver.Conn
	// Spans to be read, each within what its partition holds.
	Spans []kafka.Span
	// Scan reads a span; kafka.Scan is one.
	Scan func(ctx context.Context, span kafka.Span, each func([]kafka.Message) error) error
	// Tenant whose events alone are replayed; empty: all.
	Tenant string
	// DefaultTenant owns refused records that name none.
	DefaultTenant string
	// DryRun judges and compares, and changes nothing.
	DryRun bool
	// Judge and Build are the same definitions, one record and many at a time; Build leaves out what was erased.
	Judge func(kafka.Message) pipeline.Judgement
	Build func(context.Context, []kafka.Message) (pipeline.Batch, error)
	// Store makes a batch durable: dead letters, facts, marks.
	Store func(context.Context, pipeline.Batch) error
	// Permanent says that an error of Store is not cured by trying again.
	Permanent func(error) bool
	// Progress is told how many records were read since the last call.
	Progress func(records int)
}

// Facts counts those of a table by what a replay changed.
type Facts struct {
	// New were not there, Changed were there with other content; Same were there as they are.
	New     int `json:"new"`
	Changed int `json:"changed"`
	Same    int `json:"same"`
}

// Gap is a stretch of a partition that is gone from Kafka.
type Gap struct {
	Topic     string `json:"topic"`
	Partition int    `json:"partition"`
	// From is the offset asked for, First the first that there is.
	From  int64 `json:"from"`
	First int64 `json:"first"`
}

// Report is what a replay came to.
type Report struct {
	// Read records; of these Others are of other tenants.
	Read   int `json:"read"`
	Others int `json:"other_tenants"`
	// Verdicts of the others, as of now.
	Verdicts map[schemas.Verdict]int `json:"verdicts"`
	// Kept would get another verdict now and keep theirs: what is stored of them is not taken back.
	Kept int `json:"kept"`
	// Taken are accepted now and counted as refused or late before.
	Taken int `json:"taken"`
	// Facts by table.
	Facts map[string]Facts `json:"facts"`
	// Days and Entities that were marked to be computed again.
	Days     int `json:"days_marked"`
	Entities int `json:"entities_marked"`
	// Gone from Kafka.
	Gone []Gap `json:"gone"`
}

type replayer struct {
	Options
	store    store
	report   Report
	days     map[schemas.Day]bool
	entities map[schemas.Entity]bool
	// foreseen is what a dry run would have stored so far, by table: a later delivery of it is as it was, as it will be when it is stored.
	foreseen map[string]map[key]fact
}

// Run replays spans. After an error the report says what was done before it; running it again is safe.
func Run(ctx context.Context, o Options) (Report, error) {
	r := &replayer{Options: o, store: store{o.Conn}, days: map[schemas.Day]bool{}, entities: map[schemas.Entity]bool{},
		report: Report{Verdicts: map[schemas.Verdict]int{}, Facts: map[string]Facts{}, Gone: []Gap{}}}
	var err error
	for _, span := range o.Spans {
		if err = r.span(ctx, span); err != nil {
			break
		}
	}
	r.report.Days, r.report.Entities = len(r.days), len(r.entities)
	return r.report, err
}

func (r *replayer) span(ctx context.Context, span kafka.Span) error {
	before, err := r.store.verdicts(ctx, span)
	if err != nil {
		return err
	}
	for {
		err := r.Scan(ctx, span, func(msgs []kafka.Message) error {
			for batch := range slices.Chunk(msgs, batchRecords) {
				if err := r.batch(ctx, batch, before); err != nil {
					return err
				}
			}
			return nil
		})
		var gone *kafka.GoneError
		if !errors.As(err, &gone) || gone.First <= gone.From {
			return err
		}
		r.report.Gone = append(r.report.Gone, Gap{span.Topic, span.Partition, gone.From, gone.First})
		span.From = gone.First
	}
}

// batch replays records of one partition.
func (r *replayer) batch(ctx context.Context, msgs []kafka.Message, before verdicts) error {
	var own []kafka.Message
	var taken []deadletters.Place
	for _, m := range msgs {
		j := r.Judge(m)
		if r.Tenant != "" && cmp.Or(j.Tenant, r.DefaultTenant) != r.Tenant {
			r.report.Others++
			continue
		}
		r.report.Verdicts[j.Verdict]++
		if j.Verdict != schemas.Accepted {
			if was := before.of(m.Offset); was != "" && was != j.Verdict {
				r.report.Kept++
				continue
			}
		} else if before.open(m.Offset) {
			// Also where it is accepted already: a replay may have died after it stored the record and before it noted so.
			taken = append(taken, deadletters.Place{Topic: m.Topic, Partition: int32(m.Partition), Offset: m.Offset})
		}
		own = append(own, m)
	}
	r.report.Read += len(msgs)
	if len(own) > 0 {
		b, err := r.Build(ctx, own)
		if err != nil {
			return err
		}
		if err := r.place(ctx, b, taken); err != nil {
			return err
		}
	}
	r.report.Taken += len(taken)
	if r.Progress != nil {
		r.Progress(len(msgs))
	}
	return nil
}

// place stores what a batch comes to and finds out what that changed.
func (r *replayer) place(ctx context.Context, b pipeline.Batch, taken []deadletters.Place) error {
	of := deliveries(&b.Facts)
	before := map[string]map[key]fact{}
	for table, facts := range of {
		found, err := r.store.facts(ctx, table, facts)
		if err != nil {
			return err
		}
		before[table] = found
	}
	if r.DryRun {
		for table, facts := range of {
			r.foresee(table, facts, before[table])
		}
		r.marked(b)
		return nil
	}
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := r.Store(ctx, b)
		if err != nil && r.Permanent != nil && r.Permanent(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithMaxElapsedTime(patience))
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	r.marked(b)
	if err := deadletters.NewStore(r.Conn).SetState(ctx, deadletters.Accepted, taken); err != nil {
		return err
	}
	for table, facts := range of {
		after, err := r.store.facts(ctx, table, facts)
		if err != nil {
			return err
		}
		r.compare(table, before[table], after)
	}
	return nil
}

func (r *replayer) marked(b pipeline.Batch) {
	for _, d := range b.Stale {
		r.days[d] = true
	}
	for e := range b.StaleEntities {
		r.entities[e] = true
	}
}

func (r *replayer) compare(table string, before, after map[key]fact) {
	sum := r.report.Facts[table]
	for k, now := range after {
		was, there := before[k]
		switch {
		case !there:
			sum.New++
		case was.digest != now.digest:
			sum.Changed++
		default:
			sum.Same++
		}
	}
	r.report.Facts[table] = sum
}

// foresee tells by the versions alone: what else of a fact would be computed otherwise is known only once it is stored.
func (r *replayer) foresee(table string, facts []delivery, stored map[key]fact) {
	newest := map[key]delivery{}
	for _, d := range facts {
		if was, ok := newest[d.key]; !ok || above(d, was.revision, was.payload) {
			newest[d.key] = d
		}
	}
	sum := r.report.Facts[table]
	if r.foreseen == nil {
		r.foreseen = map[string]map[key]fact{}
	}
	if r.foreseen[table] == nil {
		r.foreseen[table] = map[key]fact{}
	}
	for k, d := range newest {
		was, there := stored[k]
		if before, ok := r.foreseen[table][k]; ok {
			was, there = before, true
		}
		if !there || above(d, was.revision, was.payload) {
			r.foreseen[table][k] = fact{revision: d.revision, payload: d.payload}
		}
		switch {
		case !there:
			sum.New++
		case above(d, was.revision, was.payload):
			sum.Changed++
		default:
			sum.Same++
		}
	}
	r.report.Facts[table] = sum
}

func above(d delivery, revision uint32, payload uint64) bool {
	return d.revision > revision || d.revision == revision && d.payload > payload
}
