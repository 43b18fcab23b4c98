package rolling

import "github.com/rapport-project/rapport/metrics"

func surveyMeasures(v *metrics.Survey) []column {
	return []column{
		{name: "n", into: &v.N}, {name: "n_invalid", into: &v.Invalid},
		{name: "index_n", into: &v.IndexN}, {name: "index_den", into: &v.IndexDen, most: true, of: &v.IndexN}, {name: "index_sum", into: &v.IndexSum}, {name: "index_sum_sq", into: &v.IndexSumSq},
		{name: "very_satisfied", into: &v.VerySatisfied}, {name: "satisfied", into: &v.Satisfied}, {name: "neutral", into: &v.Neutral},
		{name: "dissatisfied", into: &v.Dissatisfied}, {name: "very_dissatisfied", into: &v.VeryDissatisfied},
		{name: "promoters", into: &v.Promoters}, {name: "passives", into: &v.Passives}, {name: "detractors", into: &v.Detractors},
		{name: "ces_n", into: &v.CESN}, {name: "ces_sum", into: &v.CESSum}, {name: "ces_sum_sq", into: &v.CESSumSq},
		{name: "repurchase_n", into: &v.RepurchaseN}, {name: "repurchase_sum", into: &v.RepurchaseSum},
		{name: "resolved_yes", into: &v.ResolvedYes}, {name: "resolved_no", into: &v.ResolvedNo},
	}
}

func dimensionMeasures(v *metrics.Dimension) []column {
	return []column{
		{name: "n", into: &v.N}, {name: "den", into: &v.Den, most: true, of: &v.N}, {name: "num_sum", into: &v.NumSum}, {name: "num_sum_sq", into: &v.NumSumSq},
		{name: "gap_n", into: &v.GapN}, {name: "gap_sum", into: &v.GapSum}, {name: "gap_sum_sq", into: &v.GapSumSq},
		{name: "importance_n", into: &v.ImportanceN}, {name: "importance_sum", into: &v.ImportanceSum}, {name: "importance_sum_sq", into: &v.ImportanceSumSq},
	}
}

func contactMeasures(v *metrics.Contacts) []column {
	return []column{
		{name: "offered", into: &v.Offered}, {name: "answered", into: &v.Answered}, {name: "in_service_level", into: &v.InServiceLevel}, {name: "outbound", into: &v.Outbound},
		{name: "wait_n", into: &v.WaitN}, {name: "wait_sum", into: &v.WaitSum}, {name: "wait_sum_sq", into: &v.WaitSumSq},
		{name: "handle_n", into: &v.HandleN}, {name: "handle_sum", into: &v.HandleSum}, {name: "handle_sum_sq", into: &v.HandleSumSq},
		{name: "contacts", into: &v.Contacts}, {name: "first_contacts", into: &v.FirstContacts},
		{name: "fcr_n", into: &v.FCRN}, {name: "resolved_first", into: &v.ResolvedFirst},
		{name: "failed_not_resolved", into: &v.FailedNotResolved}, {name: "failed_repeat_contact", into: &v.FailedRepeatContact}, {name: "failed_reopened", into: &v.FailedReopened},
		{name: "resolved_unknown", into: &v.ResolvedUnknown}, {name: "flagged", into: &v.Flagged}, {name: "no_repeat", into: &v.NoRepeat}, {name: "one_touch", into: &v.OneTouch},
	}
}

func milestoneMeasures(v *metrics.Milestone) []column {
	return []column{
		{name: "cases", into: &v.Cases}, {name: "reached", into: &v.Reached}, {name: "on_time", into: &v.OnTime}, {name: "late", into: &v.Late},
		{name: "n", into: &v.N}, {name: "sum", into: &v.Sum}, {name: "sum_sq", into: &v.SumSq},
		{name: "working_n", into: &v.WorkingN}, {name: "working_sum", into: &v.WorkingSum}, {name: "working_sum_sq", into: &v.WorkingSumSq},
	}
}

func complaintMeasures(v *metrics.Complaint) []column {
	return []column{
		{name: "opened", into: &v.Opened}, {name: "timely_yes", into: &v.TimelyYes}, {name: "timely_no", into: &v.TimelyNo},
		{name: "repeats", into: &v.Repeats}, {name: "resolved", into: &v.Resolved}, {name: "reopened", into: &v.Reopened},
		{name: "handling_very_satisfied", into: &v.VerySatisfied}, {name: "handling_satisfied", into: &v.Satisfied}, {name: "handling_mostly_satisfied", into: &v.MostlySatisfied},
		{name: "handling_not_very_satisfied", into: &v.NotVerySatisfied}, {name: "handling_dissatisfied", into: &v.Dissatisfied}, {name: "handling_unhandled", into: &v.Unhandled},
		{name: "on_time", into: &v.OnTime}, {name: "late", into: &v.Late},
		{name: "response_n", into: &v.ResponseN}, {name: "response_sum", into: &v.ResponseSum}, {name: "response_sum_sq", into: &v.ResponseSumSq},
		{name: "resolution_n", into: &v.ResolutionN}, {name: "resolution_sum", into: &v.ResolutionSum}, {name: "resolution_sum_sq", into: &v.ResolutionSumSq},
	}
}
