package schemas

import (
	"maps"
	"slices"
	"time"
)

func (w *writer) surveyResponse(v *SurveyResponse) {
	w.common(v.Attributes, v.Labels)
	w.optional("questionnaire", v.Questionnaire)
	w.optional("questionnaire_version", v.QuestionnaireVersion)
	w.optional("invitation_id", v.InvitationID)
	w.optional("customer_id", v.CustomerID)
	w.optional("role", v.Role)
	w.optional("case_id", v.CaseID)
	w.optional("contact_id", v.ContactID)
	if len(v.Answers) > 0 {
		w.name("answers")
		w.buf = append(w.buf, '[')
		w.first = true
		for _, a := range v.Answers {
			w.answer(a)
		}
		w.close(']')
	}
	writeInteger(w, "nps", v.NPS)
	writeInteger(w, "ces", v.CES)
	writeInteger(w, "repurchase", v.Repurchase)
	w.optionalBoolean("resolved_first_contact", v.ResolvedFirstContact)
	w.optional("comment", v.Comment)
}

func (w *writer) answer(a Answer) {
	w.comma()
	w.open()
	w.text("item", a.Item)
	writeInteger(w, "score", a.Score)
	writeInteger(w, "expectation", a.Expectation)
	writeInteger(w, "importance", a.Importance)
	if len(a.Reasons) > 0 {
		w.name("reasons")
		w.buf = append(w.buf, '[')
		w.first = true
		for _, reason := range a.Reasons {
			w.comma()
			w.quote(reason)
		}
		w.close(']')
	}
	w.optional("comment", a.Comment)
	w.close('}')
}

func (w *writer) complaint(v *Complaint) {
	w.common(v.Attributes, v.Labels)
	w.optional("complaint_id", v.ComplaintID)
	w.optional("phase", v.Phase)
	w.optional("customer_id", v.CustomerID)
	w.optional("case_id", v.CaseID)
	w.optional("issue", v.Issue)
	w.optional("severity", v.Severity)
	w.optional("category", v.Category)
	w.optional("reason", v.Reason)
	w.optional("dimension", v.Dimension)
	w.due(v.Due)
	w.optional("handling", v.Handling)
	w.optionalBoolean("timely", v.Timely)
}

func (w *writer) contact(v *Contact) {
	w.common(v.Attributes, v.Labels)
	w.optional("customer_id", v.CustomerID)
	w.optional("issue", v.Issue)
	w.optional("case_id", v.CaseID)
	w.optional("direction", v.Direction)
	w.boolean("answered", v.Answered)
	w.optionalBoolean("resolved", v.Resolved)
	w.seconds("wait_seconds", v.WaitSeconds)
	w.seconds("talk_seconds", v.TalkSeconds)
	w.seconds("hold_seconds", v.HoldSeconds)
	w.seconds("wrap_seconds", v.WrapSeconds)
	if v.Transferred {
		w.boolean("transferred", true)
	}
}

func (w *writer) due(due map[string]time.Time) {
	if len(due) == 0 {
		return
	}
	w.name("due")
	w.open()
	for _, name := range slices.Sorted(maps.Keys(due)) {
		w.time(name, due[name])
	}
	w.close('}')
}
