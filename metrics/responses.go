package metrics

import "github.com/rapport-project/rapport/questionnaires"

func responseMetrics() []Metric {
	return []Metric{
		{
			Name: "satisfied_customer_rate", Section: Satisfaction, Version: 1, Kind: Share, Unit: Percent, Better: Higher, PerQuestionnaire: true,
			Label:       Text{"Satisfied customers", "满意客户占比"},
			Formula:     "customers whose mean index in the window is at least the threshold of the questionnaire / customers surveyed",
			Denominator: "customers with a valid response that has an index", LeavesOut: "responses that name no customer",
			Rests: []State{CustomerMeans}, Points: satisfiedPoints,
		},
		{
			Name: "nps", Section: Satisfaction, Version: 1, Kind: NPS, Unit: NPSPoints, Better: Higher, PerQuestionnaire: true,
			Label:   Text{"Net promoter score", "净推荐值（NPS）"},
			Formula: "% of answers 9 and 10 less % of answers 0 to 6", Denominator: "valid responses that answer the question", LeavesOut: leavesInvalid,
			Rests: []State{Surveys}, Points: npsPoints,
		},
		{
			Name: "ces", Section: Satisfaction, Version: 1, Kind: Mean, Unit: Ease, Better: Higher, PerQuestionnaire: true,
			Label:   Text{"Customer effort score", "客户费力度（CES）"},
			Formula: "mean of the answers 1 to 7, higher is easier", Denominator: "valid responses that answer the question", LeavesOut: leavesInvalid,
			Rests: []State{Surveys}, Points: cesPoints,
		},
	}
}

func satisfiedPoints(s *States, _ *questionnaires.Catalog) []Point {
	of := make(map[detailed]CustomerMean)
	for id, c := range s.Customers {
		of[detailed{questionnaire: id}] = c
	}
	return points(of, func(_ detailed, c CustomerMean) Sample { return share(c.Satisfied, c.Surveyed, c.Anonymous) })
}

func npsPoints(s *States, _ *questionnaires.Catalog) []Point {
	return surveyPoints(s, func(c Survey) []Point { return one(c.nps()) })
}

func (a Survey) nps() Sample {
	s := Sample{Kind: NPS, N: a.Promoters + a.Passives + a.Detractors, Count: a.Promoters, Against: a.Detractors, Scale: percent}
	return s.leaving(a)
}

func cesPoints(s *States, _ *questionnaires.Catalog) []Point {
	return surveyPoints(s, func(c Survey) []Point { return one(c.ces()) })
}

func (a Survey) ces() Sample {
	return parts{}.add(part{a.CESN, 1, a.CESSum, whole(a.CESSumSq)}).mean().leaving(a)
}

func reachMetrics() []Metric {
	return []Metric{
		{
			Name: "response_rate", Section: Satisfaction, Version: 1, Kind: Share, Unit: Percent, Better: Higher, PerQuestionnaire: true,
			Label:       Text{"Response rate", "问卷回收率"},
			Formula:     "invitations answered / invitations, booked at the invitation; answered is a response that names the invitation, at most a day older than it, else one of the customer to the questionnaire within 30 days",
			Denominator: "invitations", Rests: []State{Invitations}, Points: responseRatePoints,
		},
		{
			Name: "coverage", Section: Satisfaction, Version: 1, Kind: Share, Unit: Percent, Better: Higher, PerQuestionnaire: true,
			Detail:      "'' of customers; volume: the same weighted by their contacts",
			Label:       Text{"Coverage", "调查覆盖率"},
			Formula:     "customers with a valid response / customers with any contact, both in the window; volume: contacts of the former / contacts of the latter",
			Denominator: "customers with a contact; volume: contacts that name a customer", LeavesOut: "contacts that name no customer",
			Rests: []State{Coverages}, Points: coveragePoints,
		},
	}
}

func responseRatePoints(s *States, _ *questionnaires.Catalog) []Point {
	of := make(map[detailed]Invitation)
	for id, c := range s.Invitations {
		of[detailed{questionnaire: id}] = c
	}
	return points(of, func(_ detailed, c Invitation) Sample { return share(c.Answered, c.Sent, 0) })
}

func coveragePoints(s *States, _ *questionnaires.Catalog) []Point {
	of := make(map[detailed]Sample)
	for id, c := range s.Coverage {
		of[detailed{questionnaire: id}] = share(c.Covered, c.Customers, 0)
		of[detailed{id, "volume"}] = share(c.CoveredContacts, c.Contacts, 0)
	}
	return points(of, func(_ detailed, s Sample) Sample { return s })
}
