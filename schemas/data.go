package schemas

import "time"

// dataOf reads the data of an event of type t.
func (d *decoder) dataOf(t Type) Data {
	switch t {
	case TypeSurveyResponse:
		return d.surveyResponse()
	case TypeSurveyInvitation:
		return d.surveyInvitation()
	case TypeComplaint:
		return d.complaint()
	case TypeContact:
		return d.contact()
	case TypeMilestone:
		return d.milestone()
	}
	return nil
}

// emptyData is the data of a retraction without any, with its defaults.
func emptyData(t Type) Data {
	switch t {
	case TypeSurveyResponse:
		return newSurveyResponse(nil)
	case TypeSurveyInvitation:
		return &SurveyInvitation{}
	case TypeComplaint:
		return &Complaint{}
	case TypeContact:
		return newContact(nil)
	case TypeMilestone:
		return &Milestone{}
	}
	return nil
}

// missingKey names the required member that is not there. Required members are never empty when they are.
func missingKey(data Data) string {
	switch v := data.(type) {
	case *SurveyResponse:
		if v.Questionnaire == "" {
			return "questionnaire"
		}
	case *Complaint:
		if v.ComplaintID == "" {
			return "complaint_id"
		}
	case *Milestone:
		if v.CaseID == "" {
			return "case_id"
		}
	}
	return ""
}

// common reads a member that all types have, or passes over an unknown one.
func (d *decoder) common(name string, a *Attributes, l *Labels) {
	switch name {
	case "attributes":
		d.attributes(a)
	case "labels":
		*l = d.labels()
	default:
		d.skip()
	}
}

func (d *decoder) attributes(a *Attributes) {
	if !d.object() {
		return
	}
	for name, ok := d.member(); ok; name, ok = d.member() {
		switch name {
		case "region":
			a.Region = d.string()
		case "org_unit":
			a.OrgUnit = d.string()
		case "product":
			a.Product = d.string()
		case "service":
			a.Service = d.string()
		case "channel":
			a.Channel = d.string()
		case "segment":
			a.Segment = d.string()
		case "agent":
			a.Agent = d.string()
		default:
			d.skip()
		}
	}
}

func (d *decoder) labels() Labels {
	if !d.object() {
		return nil
	}
	var labels Labels
	for name, ok := d.member(); ok; name, ok = d.member() {
		if labels == nil {
			labels = Labels{}
		}
		labels[name] = d.string()
	}
	return labels
}

// due reads times by phase or milestone; the names are a closed set.
func (d *decoder) due(names ...string) map[string]time.Time {
	if !d.object() {
		return nil
	}
	var due map[string]time.Time
	for name, ok := d.name(); ok; name, ok = d.name() {
		known := ""
		for _, n := range names {
			if n == name {
				known = n
			}
		}
		if known == "" {
			d.fail(UnknownValue, "no time is due for this name")
			return nil
		}
		if due == nil {
			due = map[string]time.Time{}
		}
		if d.colon() {
			due[known] = d.timestamp()
		}
	}
	return due
}
