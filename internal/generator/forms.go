package generator

import (
	"math"
	"math/rand/v2"
)

// form is a questionnaire as the person who fills it in sees it.
type form struct {
	id       string
	min, max int
	items    []string
	// reasons are the codes offered for a low score, by item.
	reasons map[string][]string
	// twice asks what was expected beside what was perceived, and is answered inside the company more often than other forms.
	twice bool
}

func formOf(id string) (form, bool) {
	switch id {
	case "after-sales-10":
		return form{id: id, min: 1, max: 10, items: []string{"skill", "attitude", "timeliness", "parts", "overall"}, reasons: map[string][]string{
			"skill":      {"skill_lacking", "repeated_repair", "minor_fault_slow", "fault_not_cleared", "repair_takes_long"},
			"attitude":   {"bad_attitude", "not_hands_on", "did_not_come", "rarely_proactive", "drags_on", "promise_broken"},
			"timeliness": {"arrived_late", "no_vehicle", "too_few_staff", "site_far", "engineer_busy"},
			"parts":      {"supplied_late", "warehouse_far", "shipping_wait", "low_stock", "wrong_part"},
			"overall":    {"overall_dissatisfied", "service_image", "cumbersome_process", "general_complaint"},
		}}, true
	case "rater-5":
		return form{id: id, min: 1, max: 5, items: []string{"reliability", "assurance", "tangibles", "empathy", "responsiveness"}}, true
	case "likert-12":
		return form{id: id, min: 1, max: 5, items: []string{
			"product_quality", "performance", "delivery", "price", "packaging", "complaint_handling",
			"response_speed", "technical_support", "attitude", "communication", "versus_competitors", "overall",
		}}, true
	case "servqual-22":
		return form{id: id, min: 1, max: 7, twice: true, items: []string{
			"t1", "t2", "t3", "t4", "rel1", "rel2", "rel3", "rel4", "rel5", "res1", "res2", "res3", "res4",
			"a1", "a2", "a3", "a4", "e1", "e2", "e3", "e4", "e5",
		}}, true
	case "ecommerce-5":
		return form{id: id, min: 1, max: 5, items: []string{"transaction", "product_quality", "customer_service", "after_sales", "user_experience"}}, true
	case "relationship":
		return form{id: id}, true
	}
	return form{}, false
}

// score turns contentment into a scale point, with the scatter of one answer.
func (f form) score(contentment float64, rng *rand.Rand) int {
	x := contentment + 0.12*rng.NormFloat64()
	return onScale(x, f.min, f.max)
}

func onScale(contentment float64, lo, hi int) int {
	x := lo + int(math.Round(contentment*float64(hi-lo)))
	return min(max(x, lo), hi)
}

// comment is what somebody of that contentment writes, in English or Chinese.
func comment(contentment float64, rng *rand.Rand) string {
	switch {
	case contentment > 0.75:
		return pick(rng, []string{
			"Engineer arrived on time and fixed it at once.", "Very good service, thank you!", "师傅很专业，态度也好。", "维修及时，非常满意 👍",
		})
	case contentment > 0.5:
		return pick(rng, []string{
			"Fine, but the parts took a while.", "It works again.", "还可以，配件等得有点久。", "一般，希望下次更快。",
		})
	default:
		return pick(rng, []string{
			"Third visit for the same fault.", "Nobody called back; \"tomorrow\" never came.", "等了三天才来人，很不满意。", "修了两次还没修好。",
		})
	}
}
