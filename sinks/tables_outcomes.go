package sinks

import (
	"time"

	"github.com/rapport-project/rapport/schemas"
)

func outcomeVersion[R any](of func(*R) *schemas.OutcomeVersion) []column[R] {
	return []column[R]{
		value("epoch", "UInt64", putUint64, func(r *R) uint64 { return of(r).Epoch }),
		value("mark", "UInt64", putUint64, func(r *R) uint64 { return of(r).Mark }),
	}
}

func contactOutcomes() table[schemas.ContactOutcome] {
	type R = schemas.ContactOutcome
	c := contactColumns(func(r *R) *schemas.ContactFact { return &r.ContactFact })
	c = append(c, outcomeVersion(func(r *R) *schemas.OutcomeVersion { return &r.OutcomeVersion })...)
	c = append(c,
		value("live", "Bool", putBool, func(r *R) bool { return r.Live }),
		value("in_chain", "Bool", putBool, func(r *R) bool { return r.InChain }),
		value("is_first", "Bool", putBool, func(r *R) bool { return r.First }),
		value("episode", "UInt32", putUint32, func(r *R) uint32 { return r.Episode }),
		value("later", "Bool", putBool, func(r *R) bool { return r.Later }),
		text("fcr", func(r *R) string { return r.FCR }),
		text("fcr_reason", func(r *R) string { return r.FCRReason }),
		text("excluded", func(r *R) string { return r.Excluded }),
		optional("confirmed_at", typeMicros, putMicros, func(r *R) *time.Time { return r.ConfirmedAt }),
		optional("next_micros", "Int64", putInt64, func(r *R) *int64 { return r.NextMicros }),
		value("in_service_level", "Bool", putBool, func(r *R) bool { return r.InServiceLevel }),
	)
	return table[R]{name: "rapport_store.contact_outcomes", columns: c}
}

// timeline is what cases and complaints share.
type timeline struct {
	reached  *[]string
	at       *[]time.Time
	due      *schemas.Due
	duration *[]string
	micros   *[]int64
	working  *[]*int64
}

func timelineColumns[R any](of func(*R) timeline) []column[R] {
	c := []column[R]{
		list("reached.name", "String", putText[string], func(r *R) []string { return *of(r).reached }),
		list("reached.at", typeMicros, putMicros, func(r *R) []time.Time { return *of(r).at }),
	}
	c = append(c, dues(func(r *R) *schemas.Due { return of(r).due })...)
	return append(c,
		list("duration.name", "String", putText[string], func(r *R) []string { return *of(r).duration }),
		list("duration.micros", "Int64", putInt64, func(r *R) []int64 { return *of(r).micros }),
		optionals("duration.working_micros", "Int64", putInt64, func(r *R) []*int64 { return *of(r).working }),
	)
}

func caseOutcomes() table[schemas.CaseOutcome] {
	type R = schemas.CaseOutcome
	c := []column[R]{
		text("tenant", func(r *R) string { return r.Tenant }),
		text("case_id", func(r *R) string { return r.CaseID }),
		value("live", "Bool", putBool, func(r *R) bool { return r.Live }),
		text("customer_id", func(r *R) string { return r.CustomerID }),
	}
	c = append(c, attributes(func(r *R) *schemas.AttributeColumns { return &r.AttributeColumns })...)
	c = append(c, timelineColumns(func(r *R) timeline {
		return timeline{&r.Reached, &r.ReachedAt, &r.Due, &r.Duration, &r.DurationMicros, &r.DurationWorking}
	})...)
	c = append(c,
		optional("requested_at", typeMicros, putMicros, func(r *R) *time.Time { return r.RequestedAt }),
		value("was_resolved", "Bool", putBool, func(r *R) bool { return r.WasResolved }),
		value("was_reopened", "Bool", putBool, func(r *R) bool { return r.WasReopened }),
	)
	c = append(c, outcomeVersion(func(r *R) *schemas.OutcomeVersion { return &r.OutcomeVersion })...)
	return table[R]{name: "rapport_store.case_outcomes", columns: c}
}

func complaintOutcomes() table[schemas.ComplaintOutcome] {
	type R = schemas.ComplaintOutcome
	c := []column[R]{
		text("tenant", func(r *R) string { return r.Tenant }),
		text("complaint_id", func(r *R) string { return r.ComplaintID }),
		value("live", "Bool", putBool, func(r *R) bool { return r.Live }),
		text("customer_id", func(r *R) string { return r.CustomerID }),
		text("case_id", func(r *R) string { return r.CaseID }),
		text("issue", func(r *R) string { return r.Issue }),
		text("severity", func(r *R) string { return r.Severity }),
		text("category", func(r *R) string { return r.Category }),
		text("reason", func(r *R) string { return r.Reason }),
		text("dimension", func(r *R) string { return r.Dimension }),
		text("handling", func(r *R) string { return r.Handling }),
		optional("timely", "Bool", putBool, func(r *R) *bool { return r.Timely }),
	}
	c = append(c, attributes(func(r *R) *schemas.AttributeColumns { return &r.AttributeColumns })...)
	c = append(c, timelineColumns(func(r *R) timeline {
		return timeline{&r.Reached, &r.ReachedAt, &r.Due, &r.Duration, &r.DurationMicros, &r.DurationWorking}
	})...)
	c = append(c,
		optional("opened_at", typeMicros, putMicros, func(r *R) *time.Time { return r.OpenedAt }),
		value("was_resolved", "Bool", putBool, func(r *R) bool { return r.WasResolved }),
		value("was_reopened", "Bool", putBool, func(r *R) bool { return r.WasReopened }),
	)
	c = append(c, outcomeVersion(func(r *R) *schemas.OutcomeVersion { return &r.OutcomeVersion })...)
	return table[R]{name: "rapport_store.complaint_outcomes", columns: c}
}

func complaintSubjects() table[schemas.ComplaintSubject] {
	type R = schemas.ComplaintSubject
	c := []column[R]{
		text("tenant", func(r *R) string { return r.Tenant }),
		text("customer_id", func(r *R) string { return r.CustomerID }),
		text("issue", func(r *R) string { return r.Issue }),
		text("complaint_id", func(r *R) string { return r.ComplaintID }),
		micros("opened_at", func(r *R) time.Time { return r.OpenedAt }),
		value("live", "Bool", putBool, func(r *R) bool { return r.Live }),
	}
	c = append(c, outcomeVersion(func(r *R) *schemas.OutcomeVersion { return &r.OutcomeVersion })...)
	return table[R]{name: "rapport_store.complaint_subjects", columns: c}
}
