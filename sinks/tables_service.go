package sinks

import (
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// contactColumns are those that a contact has as a fact and as part of its outcome.
func contactColumns[R any](of func(*R) *schemas.ContactFact) []column[R] {
	var c []column[R]
	c = append(c, identity(func(r *R) *schemas.Identity { return &of(r).Identity })...)
	c = append(c, version(func(r *R) *schemas.Version { return &of(r).Version })...)
	c = append(c,
		micros("occurred_at", func(r *R) time.Time { return of(r).OccurredAt }),
		text("chain", func(r *R) string { return of(r).Chain }),
		text("customer_id", func(r *R) string { return of(r).CustomerID }),
		text("issue", func(r *R) string { return of(r).Issue }),
		text("case_id", func(r *R) string { return of(r).CaseID }),
	)
	c = append(c, attributes(func(r *R) *schemas.AttributeColumns { return &of(r).AttributeColumns })...)
	return append(c,
		text("direction", func(r *R) string { return of(r).Direction }),
		value("answered", "Bool", putBool, func(r *R) bool { return of(r).Answered }),
		optional("resolved", "Bool", putBool, func(r *R) *bool { return of(r).Resolved }),
		optional("wait_micros", "Int64", putInt64, func(r *R) *int64 { return of(r).WaitMicros }),
		optional("talk_micros", "Int64", putInt64, func(r *R) *int64 { return of(r).TalkMicros }),
		optional("hold_micros", "Int64", putInt64, func(r *R) *int64 { return of(r).HoldMicros }),
		optional("wrap_micros", "Int64", putInt64, func(r *R) *int64 { return of(r).WrapMicros }),
		value("transferred", "Bool", putBool, func(r *R) bool { return of(r).Transferred }),
		value("superseded", "Bool", putBool, func(r *R) bool { return of(r).Superseded }),
	)
}

func contactFacts() table[schemas.ContactFact] {
	return table[schemas.ContactFact]{name: "rapport_store.contact_facts", columns: contactColumns(func(r *schemas.ContactFact) *schemas.ContactFact { return r })}
}

func milestoneFacts() table[schemas.MilestoneFact] {
	type R = schemas.MilestoneFact
	var c []column[R]
	c = append(c, identity(func(r *R) *schemas.Identity { return &r.Identity })...)
	c = append(c, version(func(r *R) *schemas.Version { return &r.Version })...)
	c = append(c,
		micros("occurred_at", func(r *R) time.Time { return r.OccurredAt }),
		text("case_id", func(r *R) string { return r.CaseID }),
		text("milestone", func(r *R) string { return r.Milestone }),
		text("customer_id", func(r *R) string { return r.CustomerID }),
	)
	c = append(c, attributes(func(r *R) *schemas.AttributeColumns { return &r.AttributeColumns })...)
	c = append(c, dues(func(r *R) *schemas.Due { return &r.Due })...)
	c = append(c, value("superseded", "Bool", putBool, func(r *R) bool { return r.Superseded }))
	return table[R]{name: "rapport_store.milestone_facts", columns: c}
}

func complaintFacts() table[schemas.ComplaintFact] {
	type R = schemas.ComplaintFact
	var c []column[R]
	c = append(c, identity(func(r *R) *schemas.Identity { return &r.Identity })...)
	c = append(c, version(func(r *R) *schemas.Version { return &r.Version })...)
	c = append(c,
		micros("occurred_at", func(r *R) time.Time { return r.OccurredAt }),
		text("complaint_id", func(r *R) string { return r.ComplaintID }),
		text("phase", func(r *R) string { return r.Phase }),
		text("customer_id", func(r *R) string { return r.CustomerID }),
		text("case_id", func(r *R) string { return r.CaseID }),
		text("issue", func(r *R) string { return r.Issue }),
		text("severity", func(r *R) string { return r.Severity }),
		text("category", func(r *R) string { return r.Category }),
		text("reason", func(r *R) string { return r.Reason }),
		text("dimension", func(r *R) string { return r.Dimension }),
		text("handling", func(r *R) string { return r.Handling }),
		optional("timely", "Bool", putBool, func(r *R) *bool { return r.Timely }),
	)
	c = append(c, attributes(func(r *R) *schemas.AttributeColumns { return &r.AttributeColumns })...)
	c = append(c, dues(func(r *R) *schemas.Due { return &r.Due })...)
	c = append(c, value("superseded", "Bool", putBool, func(r *R) bool { return r.Superseded }))
	return table[R]{name: "rapport_store.complaint_facts", columns: c}
}

func dues[R any](of func(*R) *schemas.Due) []column[R] {
	return []column[R]{
		list("due.name", "String", putText[string], func(r *R) []string { return of(r).Name }),
		list("due.at", typeMicros, putMicros, func(r *R) []time.Time { return of(r).At }),
	}
}
