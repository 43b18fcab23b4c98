package schemas

func (d *decoder) milestone() Data {
	v := room(d.kept, func(k *kept) *Milestone { return &k.milestone })
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
