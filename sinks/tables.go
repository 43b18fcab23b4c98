package sinks

import (
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// identity, version and attributes are the column groups that facts share.
func identity[R any](of func(*R) *schemas.Identity) []column[R] {
	return []column[R]{
		text("tenant", func(r *R) string { return of(r).Tenant }),
		seconds("hour", func(r *R) time.Time { return of(r).Hour }),
		text("source", func(r *R) string { return of(r).Source }),
		text("id", func(r *R) string { return of(r).ID }),
	}
}

func version[R any](of func(*R) *schemas.Version) []column[R] {
	return []column[R]{
		value("revision", "UInt32", putUint32, func(r *R) uint32 { return of(r).Revision }),
		value("payload", "UInt64", putUint64, func(r *R) uint64 { return of(r).Payload }),
		value("retracted", "Bool", putBool, func(r *R) bool { return of(r).Retracted }),
	}
}

func attributes[R any](of func(*R) *schemas.AttributeColumns) []column[R] {
	return []column[R]{
		text("region", func(r *R) string { return of(r).Region }),
		text("org_unit", func(r *R) string { return of(r).OrgUnit }),
		text("product", func(r *R) string { return of(r).Product }),
		text("service", func(r *R) string { return of(r).Service }),
		text("channel", func(r *R) string { return of(r).Channel }),
		text("segment", func(r *R) string { return of(r).Segment }),
		text("agent", func(r *R) string { return of(r).Agent }),
		pairs("labels", func(r *R) map[string]string { return of(r).Labels }),
	}
}

func surveyFacts() table[schemas.SurveyFact] {
	type R = schemas.SurveyFact
	var c []column[R]
	c = append(c, identity(func(r *R) *schemas.Identity { return &r.Identity })...)
	c = append(c, version(func(r *R) *schemas.Version { return &r.Version })...)
	c = append(c,
		micros("occurred_at", func(r *R) time.Time { return r.OccurredAt }),
		text("questionnaire", func(r *R) string { return r.Questionnaire }),
		text("questionnaire_version", func(r *R) string { return r.QuestionnaireVersion }),
		text("invitation_id", func(r *R) string { return r.InvitationID }),
		text("customer_id", func(r *R) string { return r.CustomerID }),
		text("role", func(r *R) string { return r.Role }),
		text("case_id", func(r *R) string { return r.CaseID }),
		text("contact_id", func(r *R) string { return r.ContactID }),
	)
	c = append(c, attributes(func(r *R) *schemas.AttributeColumns { return &r.AttributeColumns })...)
	c = append(c,
		value("valid", "Bool", putBool, func(r *R) bool { return r.Valid }),
		value("index_num", "Int64", putInt64, func(r *R) int64 { return r.IndexNum }),
		value("index_den", "Int64", putInt64, func(r *R) int64 { return r.IndexDen }),
		text("level", func(r *R) string { return r.Level }),
		optional("nps", "Int8", putInt8, func(r *R) *int8 { return r.NPS }),
		optional("ces", "Int8", putInt8, func(r *R) *int8 { return r.CES }),
		optional("repurchase", "Int8", putInt8, func(r *R) *int8 { return r.Repurchase }),
		optional("resolved_first_contact", "Bool", putBool, func(r *R) *bool { return r.ResolvedFirstContact }),
		text("comment", func(r *R) string { return r.Comment }),
		value("scale_zero", "Int16", putInt16, func(r *R) int16 { return r.ScaleZero }),
		value("scale_span", "Int16", putInt16, func(r *R) int16 { return r.ScaleSpan }),
		list("answers.item", "String", putText[string], func(r *R) []string { return r.AnswerItem }),
		list("answers.dimension", "String", putText[string], func(r *R) []string { return r.AnswerDimension }),
		optionals("answers.score", "Int16", putInt16, func(r *R) []*int16 { return r.AnswerScore }),
		optionals("answers.expectation", "Int16", putInt16, func(r *R) []*int16 { return r.AnswerExpectation }),
		optionals("answers.importance", "Int16", putInt16, func(r *R) []*int16 { return r.AnswerImportance }),
		lists("answers.reasons", func(r *R) [][]string { return r.AnswerReasons }),
		list("answers.comment", "String", putText[string], func(r *R) []string { return r.AnswerComment }),
		list("dimensions.dimension", "String", putText[string], func(r *R) []string { return r.Dimension }),
		list("dimensions.num", "Int64", putInt64, func(r *R) []int64 { return r.DimensionNum }),
		list("dimensions.den", "Int64", putInt64, func(r *R) []int64 { return r.DimensionDen }),
	)
	return table[R]{name: "rapport_store.survey_facts", columns: c}
}

func invitationFacts() table[schemas.InvitationFact] {
	type R = schemas.InvitationFact
	var c []column[R]
	c = append(c, identity(func(r *R) *schemas.Identity { return &r.Identity })...)
	c = append(c, version(func(r *R) *schemas.Version { return &r.Version })...)
	c = append(c,
		micros("occurred_at", func(r *R) time.Time { return r.OccurredAt }),
		text("questionnaire", func(r *R) string { return r.Questionnaire }),
		text("invitation_id", func(r *R) string { return r.InvitationID }),
		text("customer_id", func(r *R) string { return r.CustomerID }),
		text("case_id", func(r *R) string { return r.CaseID }),
	)
	c = append(c, attributes(func(r *R) *schemas.AttributeColumns { return &r.AttributeColumns })...)
	return table[R]{name: "rapport_store.invitation_facts", columns: c}
}

// offset is where a record came from.
func offset[R any](topic func(*R) string, partition func(*R) int32) []column[R] {
	return []column[R]{text("topic", topic), value("partition", "Int32", putInt32, partition)}
}

func lateFacts() table[schemas.LateFact] {
	type R = schemas.LateFact
	c := offset(func(r *R) string { return r.Topic }, func(r *R) int32 { return r.Partition })
	c = append(c,
		value("offset", "Int64", putInt64, func(r *R) int64 { return r.Offset }),
		text("tenant", func(r *R) string { return r.Tenant }),
		text("source", func(r *R) string { return r.Source }),
		text("id", func(r *R) string { return r.ID }),
		text("type", func(r *R) string { return r.Type }),
		value("revision", "UInt32", putUint32, func(r *R) uint32 { return r.Revision }),
		micros("occurred_at", func(r *R) time.Time { return r.OccurredAt }),
		milliseconds("appended_at", func(r *R) time.Time { return r.AppendedAt }),
		text("key", func(r *R) string { return r.Key }),
		text("value", func(r *R) string { return r.Value }),
		pairs("headers", func(r *R) map[string]string { return r.Headers }),
	)
	return table[R]{name: "rapport_store.late_facts", columns: c}
}

func deadLetters() table[schemas.DeadLetter] {
	type R = schemas.DeadLetter
	c := offset(func(r *R) string { return r.Topic }, func(r *R) int32 { return r.Partition })
	c = append(c,
		value("offset", "Int64", putInt64, func(r *R) int64 { return r.Offset }),
		milliseconds("appended_at", func(r *R) time.Time { return r.AppendedAt }),
		text("reason", func(r *R) string { return r.Reason }),
		text("field", func(r *R) string { return r.Field }),
		text("detail", func(r *R) string { return r.Detail }),
		text("tenant", func(r *R) string { return r.Tenant }),
		text("source", func(r *R) string { return r.Source }),
		text("id", func(r *R) string { return r.ID }),
		text("type", func(r *R) string { return r.Type }),
		text("key", func(r *R) string { return r.Key }),
		text("value", func(r *R) string { return r.Value }),
		pairs("headers", func(r *R) map[string]string { return r.Headers }),
	)
	return table[R]{name: "rapport_store.dead_letters", columns: c}
}

// deliveries go through a table that makes sets of their offsets.
func deliveries() table[schemas.Delivery] {
	type R = schemas.Delivery
	c := offset(func(r *R) string { return r.Topic }, func(r *R) int32 { return r.Partition })
	c = append(c,
		text("tenant", func(r *R) string { return r.Tenant }),
		text("source", func(r *R) string { return r.Source }),
		text("type", func(r *R) string { return r.Type }),
		value("within", "UInt32", putUint32, func(r *R) uint32 { return r.Within }),
		value("block", "Int64", putInt64, func(r *R) int64 { return r.Block }),
		list("records", "UInt16", putUint16, func(r *R) []uint16 { return r.Records }),
		list("strange", "UInt16", putUint16, func(r *R) []uint16 { return r.Strange }),
		value("latest", "Int64", putInt64, func(r *R) int64 { return r.Latest }),
	)
	return table[R]{name: "rapport_store.deliveries_in", columns: c}
}

func consumed() table[schemas.Consumed] {
	type R = schemas.Consumed
	c := offset(func(r *R) string { return r.Topic }, func(r *R) int32 { return r.Partition })
	c = append(c,
		text("verdict", func(r *R) string { return string(r.Verdict) }),
		value("first", "Int64", putInt64, func(r *R) int64 { return r.First }),
		value("last", "Int64", putInt64, func(r *R) int64 { return r.Last }),
	)
	return table[R]{name: "rapport_store.consumed", columns: c}
}

func gaps() table[Gap] {
	type R = Gap
	c := offset(func(r *R) string { return r.Topic }, func(r *R) int32 { return r.Partition })
	c = append(c,
		value("from", "Int64", putInt64, func(r *R) int64 { return r.From }),
		value("to", "Int64", putInt64, func(r *R) int64 { return r.To }),
	)
	return table[R]{name: "rapport_store.offset_gaps", columns: c}
}

func progress() table[Progress] {
	type R = Progress
	c := offset(func(r *R) string { return r.Topic }, func(r *R) int32 { return r.Partition })
	c = append(c,
		value("committed", "Int64", putInt64, func(r *R) int64 { return r.Committed }),
		value("end", "Int64", putInt64, func(r *R) int64 { return r.End }),
		milliseconds("as_of", func(r *R) time.Time {
			if r.AsOf.IsZero() {
				return time.Now()
			}
			return r.AsOf
		}),
	)
	return table[R]{name: "rapport_store.progress", columns: c}
}
