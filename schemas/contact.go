package schemas

// newContact has the defaults of the contract.
func newContact(k *kept) *Contact {
	v := room(k, func(k *kept) *Contact { return &k.contact })
	v.Direction, v.Answered = "inbound", true
	return v
}

func (d *decoder) contact() Data {
	v := newContact(d.kept)
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
			v.WaitSeconds = d.seconds(d.kept.duration(0))
		case "talk_seconds":
			v.TalkSeconds = d.seconds(d.kept.duration(1))
		case "hold_seconds":
			v.HoldSeconds = d.seconds(d.kept.duration(2))
		case "wrap_seconds":
			v.WrapSeconds = d.seconds(d.kept.duration(3))
		case "transferred":
			v.Transferred = d.bool()
		default:
			d.common(name, &v.Attributes, &v.Labels)
		}
	}
	return v
}
