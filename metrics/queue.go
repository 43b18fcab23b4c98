package metrics

import "github.com/rapport-project/rapport/questionnaires"

const micros = 1_000_000 // in a second

func queueMetrics() []Metric {
	return []Metric{
		{
			Name: "answer_rate", Section: Timeliness, Version: 1, Kind: Share, Unit: Percent, Better: Higher,
			Label:   Text{"Answer rate", "接通率"},
			Formula: "answered / offered", Denominator: "inbound contacts", LeavesOut: "outbound contacts",
			Rests: []State{ContactStates}, Points: contactPoints(func(c, _ Contacts) Sample { return share(c.Answered, c.Offered, c.Outbound) }, false),
		},
		{
			Name: "abandon_rate", Section: Timeliness, Version: 1, Kind: Share, Unit: Percent, Better: Lower,
			Label:   Text{"Abandon rate", "放弃率"},
			Formula: "not answered / offered", Denominator: "inbound contacts", LeavesOut: "outbound contacts",
			Rests: []State{ContactStates}, Points: contactPoints(func(c, _ Contacts) Sample { return share(less(c.Offered, c.Answered), c.Offered, c.Outbound) }, false),
		},
		{
			Name: "service_level", Section: Timeliness, Version: 1, Kind: Share, Unit: Percent, Better: Higher,
			Label:   Text{"Service level", "服务水平"},
			Formula: "answered within the limit of the tenant (20 s unless set) / offered", Denominator: "inbound contacts", LeavesOut: "outbound contacts",
			Rests: []State{ContactStates}, Points: contactPoints(func(c, _ Contacts) Sample { return share(c.InServiceLevel, c.Offered, c.Outbound) }, false),
		},
		{
			Name: "asa", Section: Timeliness, Version: 1, Kind: Mean, Unit: Seconds, Better: Lower,
			Label:   Text{"Average speed of answer", "平均应答时长（ASA）"},
			Formula: "mean wait of answered contacts", Denominator: "answered inbound contacts whose wait is known", LeavesOut: "answered contacts whose wait is not known",
			Rests: []State{ContactStates}, Points: contactPoints(func(c, _ Contacts) Sample {
				return seconds(c.WaitN, c.WaitSum, c.WaitSumSq, c.Answered)
			}, false),
		},
		{
			Name: "aht", Section: Timeliness, Version: 1, Kind: Mean, Unit: Seconds, Better: Lower,
			Label:   Text{"Average handling time", "平均处理时长（AHT）"},
			Formula: "mean of talk, hold and wrap together", Denominator: "answered inbound contacts of which any of these is known",
			LeavesOut: "answered contacts of which none is known",
			Rests:     []State{ContactStates}, Points: contactPoints(func(c, _ Contacts) Sample {
				return seconds(c.HandleN, c.HandleSum, c.HandleSumSq, c.Answered)
			}, false),
		},
		{
			Name: "volume", Section: Timeliness, Version: 1, Kind: Plain, Unit: Count,
			Label:   Text{"Contacts offered", "来电量"},
			Formula: "inbound contacts, answered or not", Denominator: "inbound contacts", LeavesOut: "outbound contacts",
			Rests: []State{ContactStates}, Points: func(s *States, _ *questionnaires.Catalog) []Point { return counted(s.Contacts.Offered) },
		},
	}
}

// seconds is the mean of n durations that were summed in microseconds; what of all has none is left out.
func seconds(n uint64, sum int64, sq Wide, all uint64) Sample {
	s := parts{}.add(part{n, micros, sum, sq}).mean()
	s.Excluded = less(all, n)
	return s
}
