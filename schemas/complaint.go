package schemas

func (d *decoder) complaint() Data {
	v := room(d.kept, func(k *kept) *Complaint { return &k.complaint })
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
