package schemas

func (d *tokenDecoder) complaint() Data {
	v := &Complaint{}
	if !d.object() {
		return nil
	}
	for name, ok := d.member(); ok; name, ok = d.member() {
		switch name {
		case "complaint_id":
			v.ComplaintID = d.key()
		case "phase":
			v.Phase = d.oneOf("opened", "acknowledged", "responded", "resolved", "closed", "reopened", "followed_up")
		case "customer_id":
			v.CustomerID = d.string()
		case "case_id":
			v.CaseID = d.string()
		case "issue":
			v.Issue = d.string()
		case "severity":
			v.Severity = d.oneOf("general", "major")
		case "category":
			v.Category = d.string()
		case "reason":
			v.Reason = d.string()
		case "dimension":
			v.Dimension = d.string()
		case "due":
			v.Due = d.due("opened", "acknowledged", "responded", "resolved", "closed", "reopened", "followed_up")
		case "handling":
			v.Handling = d.oneOf("very_satisfied", "satisfied", "mostly_satisfied", "not_very_satisfied", "dissatisfied", "unhandled")
		case "timely":
			v.Timely = d.boolOrNull()
		default:
			d.common(name, &v.Attributes, &v.Labels)
		}
	}
	return v
}

func (d *tokenDecoder) contact() Data {
	v := newContact(nil)
	if !d.object() {
		return nil
	}
	for name, ok := d.member(); ok; name, ok = d.member() {
		switch name {
		case "customer_id":
			v.CustomerID = d.string()
		case "issue":
			v.Issue = d.string()
		case "case_id":
			v.CaseID = d.string()
		case "direction":
			v.Direction = d.oneOf("inbound", "outbound")
		case "answered":
			v.Answered = d.bool()
		case "resolved":
			v.Resolved = d.boolOrNull()
		case "wait_seconds":
			v.WaitSeconds = d.seconds()
		case "talk_seconds":
			v.TalkSeconds = d.seconds()
		case "hold_seconds":
			v.HoldSeconds = d.seconds()
		case "wrap_seconds":
			v.WrapSeconds = d.seconds()
		case "transferred":
			v.Transferred = d.bool()
		default:
			d.common(name, &v.Attributes, &v.Labels)
		}
	}
	return v
}

func (d *tokenDecoder) milestone() Data {
	v := &Milestone{}
	if !d.object() {
		return nil
	}
	for name, ok := d.member(); ok; name, ok = d.member() {
		switch name {
		case "case_id":
			v.CaseID = d.key()
		case "milestone":
			v.Milestone = d.oneOf("requested", "acknowledged", "responded", "dispatched", "arrived", "parts_ordered", "parts_arrived",
				"resolved", "closed", "reopened")
		case "customer_id":
			v.CustomerID = d.string()
		case "due":
			v.Due = d.due("requested", "acknowledged", "responded", "dispatched", "arrived", "parts_ordered", "parts_arrived",
				"resolved", "closed", "reopened")
		default:
			d.common(name, &v.Attributes, &v.Labels)
		}
	}
	return v
}
