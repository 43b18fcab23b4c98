package quality

import "context"

type topicRow struct {
	Topic         string   `ch:"topic"`
	Received      uint64   `ch:"received"`
	Accepted      uint64   `ch:"accepted"`
	Rejected      uint64   `ch:"rejected"`
	Late          uint64   `ch:"late"`
	Unexplained   int64    `ch:"unexplained"`
	Stored        uint64   `ch:"stored"`
	Duplicates    int64    `ch:"duplicates"`
	Revisions     uint64   `ch:"revisions"`
	Conflicts     uint64   `ch:"conflicts"`
	Settled       uint64   `ch:"settled"`
	Gaps          uint64   `ch:"gaps"`
	Pending       uint64   `ch:"pending"`
	Ahead         uint64   `ch:"ahead"`
	P50           *float64 `ch:"lateness_p50_seconds"`
	P90           *float64 `ch:"lateness_p90_seconds"`
	P99           *float64 `ch:"lateness_p99_seconds"`
	AuditMismatch uint64   `ch:"audit_mismatch"`
}

type sourceRow struct {
	Tenant        string   `ch:"tenant_name"`
	Source        string   `ch:"source_name"`
	Type          string   `ch:"type_name"`
	Received      uint64   `ch:"received_n"`
	Accepted      uint64   `ch:"accepted_n"`
	Rejected      uint64   `ch:"rejected_n"`
	Late          uint64   `ch:"late_n"`
	Duplicates    int64    `ch:"duplicates_n"`
	Revisions     uint64   `ch:"revisions_n"`
	Conflicts     uint64   `ch:"conflicts_n"`
	Settled       uint64   `ch:"settled_n"`
	Invalid       uint64   `ch:"invalid_n"`
	UnknownFields uint64   `ch:"unknown_fields_n"`
	Ahead         uint64   `ch:"ahead_n"`
	P99           *float64 `ch:"p99"`
}

type attributeRow struct {
	Tenant       string `ch:"tenant"`
	Attribute    string `ch:"attribute"`
	Values       uint64 `ch:"values"`
	Beyond       uint64 `ch:"beyond"`
	EventsBeyond uint64 `ch:"events_beyond"`
}

// show reads the views and shows what they say, all of it or nothing.
func (w *Watcher) show(ctx context.Context) error {
	topics, err := rows[topicRow](ctx, w, "topics")
	if err != nil {
		return err
	}
	sources, err := rows[sourceRow](ctx, w, "sources")
	if err != nil {
		return err
	}
	attributes, err := rows[attributeRow](ctx, w, "overflow")
	if err != nil {
		return err
	}
	m := w.metrics
	var records, lateness, mismatches []sample
	for _, t := range topics {
		records = append(records, named(map[string]float64{
			"received": float64(t.Received), "accepted": float64(t.Accepted), "rejected": float64(t.Rejected), "late": float64(t.Late),
			"unexplained": float64(t.Unexplained), "stored": float64(t.Stored), "duplicates": float64(t.Duplicates), "revisions": float64(t.Revisions),
			"conflicts": float64(t.Conflicts), "settled": float64(t.Settled), "gaps": float64(t.Gaps), "pending": float64(t.Pending), "ahead": float64(t.Ahead),
		}, t.Topic)...)
		for quantile, seconds := range map[string]*float64{"0.5": t.P50, "0.9": t.P90, "0.99": t.P99} {
			if seconds != nil {
				lateness = append(lateness, sample{[]string{t.Topic, quantile}, *seconds})
			}
		}
		mismatches = []sample{{nil, float64(t.AuditMismatch)}} // of all topics, in each row
	}
	var bySource, sourceLateness []sample
	for _, s := range sources {
		bySource = append(bySource, named(map[string]float64{
			"received": float64(s.Received), "accepted": float64(s.Accepted), "rejected": float64(s.Rejected), "late": float64(s.Late),
			"duplicates": float64(s.Duplicates), "revisions": float64(s.Revisions), "conflicts": float64(s.Conflicts), "settled": float64(s.Settled),
			"invalid": float64(s.Invalid), "unknown_fields": float64(s.UnknownFields), "ahead": float64(s.Ahead),
		}, s.Tenant, s.Source, s.Type)...)
		if s.P99 != nil {
			sourceLateness = append(sourceLateness, sample{[]string{s.Tenant, s.Source, s.Type}, *s.P99})
		}
	}
	var values, beyond, eventsBeyond []sample
	for _, a := range attributes {
		labels := []string{a.Tenant, a.Attribute}
		values = append(values, sample{labels, float64(a.Values)})
		beyond = append(beyond, sample{labels, float64(a.Beyond)})
		eventsBeyond = append(eventsBeyond, sample{labels, float64(a.EventsBeyond)})
	}
	for into, samples := range map[*shown][]sample{
		m.records: records, m.lateness: lateness, m.mismatches: mismatches, m.sources: bySource, m.sourceLateness: sourceLateness,
		m.values: values, m.beyond: beyond, m.eventsBeyond: eventsBeyond,
	} {
		into.replace(samples)
	}
	return nil
}

// named are samples whose last label says what they are.
func named(of map[string]float64, labels ...string) []sample {
	out := make([]sample, 0, len(of))
	for what, value := range of {
		out = append(out, sample{append(append([]string(nil), labels...), what), value})
	}
	return out
}
