package oracle

// ContactDays is the rollup of contacts.
func ContactDays() Table {
	return Table{
		Name: "contact_days",
		Keys: []string{"cut_value"},
		Measures: []string{
			"offered", "answered", "in_service_level", "outbound", "wait_n", "wait_sum", "wait_sum_sq", "handle_n", "handle_sum", "handle_sum_sq",
			"contacts", "first_contacts", "fcr_n", "resolved_first", "failed_not_resolved", "failed_repeat_contact", "failed_reopened",
			"resolved_unknown", "flagged", "no_repeat", "one_touch",
		},
	}
}

// MilestoneDays is the rollup of cases; the cell without a milestone counts the cases themselves.
func MilestoneDays() Table {
	return Table{
		Name:     "milestone_days",
		Keys:     []string{"cut_value", "milestone"},
		Measures: []string{"cases", "reached", "on_time", "late", "n", "sum", "sum_sq", "working_n", "working_sum", "working_sum_sq"},
	}
}

// MilestoneDurationDays are the histograms of durations of cases.
func MilestoneDurationDays() Table {
	return Table{
		Name: "milestone_duration_days", Keys: []string{"cut_value", "milestone", "clock", "bucket"}, Measures: []string{"n"}, Numbers: 1,
	}
}

// MilestoneDueDays are the due times of milestones not reached.
func MilestoneDueDays() Table {
	return Table{Name: "milestone_due_days", Keys: []string{"cut_value", "milestone", "due_at"}, Measures: []string{"n"}, Numbers: 1}
}

// ComplaintDays is the rollup of complaints.
func ComplaintDays() Table {
	return Table{
		Name: "complaint_days",
		Keys: []string{"cut_value", "severity", "category", "reason"},
		Measures: []string{
			"opened", "timely_yes", "timely_no", "repeats", "resolved", "reopened",
			"handling_very_satisfied", "handling_satisfied", "handling_mostly_satisfied", "handling_not_very_satisfied",
			"handling_dissatisfied", "handling_unhandled", "on_time", "late",
			"response_n", "response_sum", "response_sum_sq", "resolution_n", "resolution_sum", "resolution_sum_sq",
		},
	}
}

// ComplaintDurationDays are the histograms of durations of complaints.
func ComplaintDurationDays() Table {
	return Table{
		Name: "complaint_duration_days", Keys: []string{"cut_value", "duration", "clock", "bucket"}, Measures: []string{"n"}, Numbers: 1,
	}
}

// ComplaintDueDays are the due times of phases not reached.
func ComplaintDueDays() Table {
	return Table{Name: "complaint_due_days", Keys: []string{"cut_value", "phase", "due_at"}, Measures: []string{"n"}, Numbers: 1}
}
