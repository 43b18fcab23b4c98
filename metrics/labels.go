package metrics

// Vocabulary is a closed list of names that people meet beside figures.
type Vocabulary string

// The vocabularies.
const (
	Units        Vocabulary = "unit"
	Sections     Vocabulary = "section"
	Levels       Vocabulary = "level"
	MilestoneSet Vocabulary = "milestone"
	QuantileSet  Vocabulary = "quantile"
	WindowSet    Vocabulary = "window"
	Cuts         Vocabulary = "cut"
	QuadrantSet  Vocabulary = "quadrant"
	Failures     Vocabulary = "fcr_reason"
	Roles        Vocabulary = "role"
	Special      Vocabulary = "special"
)

// Labels are what people read instead of the names, by vocabulary and name. The map is the caller's own.
func Labels() map[Vocabulary]map[string]Text {
	return map[Vocabulary]map[string]Text{
		Units: {
			string(Percent): {"%", "%"}, string(Score): {"points of 100", "分（百分制）"}, string(NPSPoints): {"points from -100 to 100", "分（-100 至 100）"},
			string(Ease): {"points from 1 to 7", "分（1 至 7）"}, string(Points): {"points", "分"}, string(Seconds): {"seconds", "秒"}, string(Count): {"number", "数量"},
			string(Ratio): {"ratio", "比值"}, string(PerMille): {"per 1 000", "每千次"}, string(Place): {"place", "名次"}, string(Label): {"category", "类别"},
			string(Rho): {"correlation from -1 to 1", "相关系数（-1 至 1）"},
		},
		Sections: {
			Satisfaction: {"Satisfaction", "满意度"}, FirstContact: {"First-contact resolution", "首次解决"}, Timeliness: {"Timeliness", "服务及时性"}, Complaints: {"Complaints", "投诉"},
		},
		Levels: {
			"very_satisfied": {"Very satisfied", "非常满意"}, "satisfied": {"Satisfied", "满意"}, "neutral": {"Neutral", "一般"},
			"dissatisfied": {"Dissatisfied", "不满意"}, "very_dissatisfied": {"Very dissatisfied", "非常不满意"},
		},
		MilestoneSet: {
			"requested": {"Requested", "报修"}, "acknowledged": {"Acknowledged", "受理"}, "responded": {"Responded", "响应"}, "dispatched": {"Dispatched", "派工"},
			"arrived": {"Arrived", "到达现场"}, "parts_ordered": {"Parts ordered", "配件订购"}, "parts_arrived": {"Parts arrived", "配件到货"},
			"resolved": {"Resolved", "解决"}, "closed": {"Closed", "关闭"}, "reopened": {"Reopened", "重开"}, "first_response": {"First response", "首次响应"},
			"opened": {"Opened", "投诉受理"}, "followed_up": {"Followed up", "回访"},
		},
		QuantileSet: {
			"mean": {"Mean", "平均值"}, "p50": {"Median", "中位数"}, "p90": {"90th percentile", "90 分位"}, "p95": {"95th percentile", "95 分位"}, "p99": {"99th percentile", "99 分位"},
			"working_mean": {"Mean, working time", "平均值（工作时间）"}, "working_p50": {"Median, working time", "中位数（工作时间）"},
			"working_p90": {"90th percentile, working time", "90 分位（工作时间）"}, "working_p95": {"95th percentile, working time", "95 分位（工作时间）"},
			"working_p99": {"99th percentile, working time", "99 分位（工作时间）"},
		},
		WindowSet: {
			"1h": {"last hour", "近 1 小时"}, "24h": {"last 24 hours", "近 24 小时"}, "7d": {"last 7 days", "近 7 天"}, "28d": {"last 28 days", "近 28 天"}, "90d": {"last 90 days", "近 90 天"},
			"hour": {"hour", "小时"}, "day": {"day", "天"},
		},
		Cuts: {
			"": {"Overall", "总体"}, "region": {"Region", "区域"}, "org_unit": {"Organisational unit", "组织单元"}, "product": {"Product", "产品"}, "service": {"Service", "服务项目"},
			"channel": {"Channel", "渠道"}, "segment": {"Segment", "客户群"}, "agent": {"Agent", "坐席"},
		},
		QuadrantSet: {
			string(KeepUp): {"Keep up the good work", "继续保持"}, string(ConcentrateHere): {"Concentrate here", "重点改进"},
			string(LowPriority): {"Low priority", "低优先级"}, string(PossibleOverkill): {"Possible overkill", "可能过度投入"},
		},
		Failures: {
			NotResolved: {"Not resolved", "未解决"}, RepeatContact: {"The customer came back", "客户再次联系"}, Reopened: {"The case was reopened", "工单重开"},
		},
		Roles: {
			customer: {"Customers", "客户"}, "employee": {"Employees", "员工"}, "manager": {"Managers", "管理者"},
		},
		Special: {
			"other": {"Other", "其他"}, "": {"Not stated", "未填写"}, "volume": {"By contacts", "按联系量"},
		},
	}
}
