package receivers

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/rapport-project/rapport/metrics"
)

// maxCutValue characters of a value are shown; apps may send longer ones.
const maxCutValue = 100

// fact is one line of a message: what it says and what that is.
type fact struct {
	name  metrics.Text
	value metrics.Text
}

// title says what happened to what.
func title(n Notification) metrics.Text {
	happened, ok := map[string]metrics.Text{
		Firing: {En: "Firing", Zh: "告警"}, Resolved: {En: "Resolved", Zh: "恢复"}, Corrected: {En: "Corrected by late data", Zh: "迟到数据更正"},
	}[n.Transition]
	if !ok {
		happened = metrics.Text{En: n.Transition, Zh: n.Transition}
	}
	label := n.Label
	if label.En == "" {
		label.En = n.Metric
	}
	if label.Zh == "" {
		label.Zh = label.En
	}
	of := subject(n)
	return metrics.Text{
		En: fmt.Sprintf("%s: %s · %s (%s)", happened.En, n.Alert, label.En, of),
		Zh: fmt.Sprintf("%s：%s · %s（%s）", happened.Zh, n.Alert, label.Zh, of),
	}
}

// subject says whose figure it is: names and values as the figures have them, which are the same in every language.
func subject(n Notification) string {
	parts := []string{n.Tenant}
	for _, s := range []string{n.Questionnaire, n.Detail, cutText(n.Cut, n.CutValue), n.Window} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// facts are what every message states: value, n, interval, threshold, the window before, and what moved it.
func facts(n Notification) []fact {
	all := []fact{
		{metrics.Text{En: "Value", Zh: "当前值"}, same(quantity(n.Value, n.Unit))},
		{metrics.Text{En: "Observations (n)", Zh: "样本量 n"}, same(strconv.FormatUint(n.N, 10))},
	}
	if n.Low != nil && n.High != nil {
		all = append(all, fact{metrics.Text{En: "Interval", Zh: "置信区间"}, same(interval(n))})
	}
	all = append(all, fact{metrics.Text{En: "Threshold", Zh: "阈值"}, threshold(n)})
	if n.Previous != nil {
		all = append(all, fact{metrics.Text{En: "Window before", Zh: "前一窗口"}, same(fmt.Sprintf("%s (n = %d)", quantity(n.Previous, n.Unit), n.PreviousN))})
	}
	if len(n.Movers) > 0 {
		all = append(all, fact{metrics.Text{En: "Moved most by", Zh: "主要影响"}, movers(n)})
	}
	return all
}

func same(s string) metrics.Text { return metrics.Text{En: s, Zh: s} }

func interval(n Notification) string {
	return fmt.Sprintf("%s – %s", quantity(n.Low, n.Unit), quantity(n.High, n.Unit))
}

func threshold(n Notification) metrics.Text {
	at, fall := quantity(&n.Threshold, n.Unit), difference(n.Threshold, n.Unit)
	text, ok := map[string]metrics.Text{
		"below": {En: "below " + at, Zh: "低于 " + at},
		"above": {En: "above " + at, Zh: "高于 " + at},
		"drop":  {En: "drop of more than " + fall.En, Zh: "较前一窗口下降超过 " + fall.Zh},
	}[n.Bound]
	if !ok {
		text = same(n.Bound + " " + at)
	}
	if n.Confidence != nil {
		percent := strconv.FormatFloat(math.Round(*n.Confidence*1e4)/100, 'f', -1, 64)
		text.En += ", with " + percent + " % confidence"
		text.Zh += "，置信度 " + percent + "%"
	}
	return text
}

// movers are one a line.
func movers(n Notification) metrics.Text {
	var en, zh []string
	for _, m := range n.Movers {
		change := difference(m.Contribution, n.Unit)
		if m.Contribution > 0 {
			change.En, change.Zh = "+"+change.En, "+"+change.Zh
		}
		cut := cutText(m.Cut, m.CutValue)
		now, before := quantity(m.Value, n.Unit), quantity(m.Previous, n.Unit)
		en = append(en, fmt.Sprintf("%s: %s (n = %d), before %s (n = %d), moved it by %s", cut, now, m.N, before, m.PreviousN, change.En))
		zh = append(zh, fmt.Sprintf("%s：%s（n = %d），之前 %s（n = %d），影响 %s", cut, now, m.N, before, m.PreviousN, change.Zh))
	}
	return metrics.Text{En: strings.Join(en, "\n"), Zh: strings.Join(zh, "\n")}
}

// cutText reads a cut and its value as one: "region north", and a pair "region north, product pump".
func cutText(cut, value string) string {
	if cut == "" {
		return ""
	}
	names, values := cutParts(cut, value)
	var parts []string
	for i := range names {
		v := shorten(values[i], maxCutValue)
		if v == "" {
			v = "–"
		}
		parts = append(parts, names[i]+" "+v)
	}
	return strings.Join(parts, ", ")
}

// cutParts takes a pair apart. A value that is no pair's stays whole, under the whole name.
func cutParts(cut, value string) (names, values []string) {
	names = strings.Split(cut, ",")
	if len(names) == 1 {
		return names, []string{value}
	}
	if err := json.Unmarshal([]byte(value), &values); err != nil || len(values) != len(names) {
		return []string{cut}, []string{value}
	}
	return names, values
}

// quantity is a value with its unit, as people read it; "–" where there is none.
func quantity(v *float64, unit string) string {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return "–"
	}
	number := strconv.FormatFloat(math.Round(*v*100)/100, 'f', -1, 64)
	if number == "-0" {
		number = "0"
	}
	switch metrics.Unit(unit) {
	case metrics.Percent:
		return number + " %"
	case metrics.PerMille:
		return number + " ‰"
	case metrics.Seconds:
		return duration(*v)
	}
	return number
}

// difference of two values: of percentages it is in points, for a percentage of a percentage is something else.
func difference(v float64, unit string) metrics.Text {
	if metrics.Unit(unit) != metrics.Percent {
		return same(quantity(&v, unit))
	}
	number := quantity(&v, "")
	return metrics.Text{En: number + " points", Zh: number + " 个百分点"}
}

// duration keeps the two largest units that are not zero, which is as exact as anybody acts on.
func duration(seconds float64) string {
	sign := ""
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	if seconds < 60 {
		return sign + strconv.FormatFloat(math.Round(seconds*10)/10, 'f', -1, 64) + " s"
	}
	const day = 24 * time.Hour
	// Beyond what a Duration holds nobody waits.
	d := time.Duration(math.Min(seconds, 1e9)) * time.Second
	switch {
	case d >= day:
		return fmt.Sprintf("%s%d d %d h", sign, d/day, d%day/time.Hour)
	case d >= time.Hour:
		return fmt.Sprintf("%s%d h %d min", sign, d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%s%d min %d s", sign, d/time.Minute, d%time.Minute/time.Second)
}

// shorten cuts s to at most max characters, between characters.
func shorten(s string, max int) string {
	runes := []rune(s)
	if len(runes) <= max {
		return s
	}
	return string(runes[:max-1]) + "…"
}

// The languages of what people read.
const (
	english = "en"
	chinese = "zh"
)

// in is a text in a language.
func in(language string, t metrics.Text) string {
	if language == chinese {
		return t.Zh
	}
	return t.En
}

// summary is what the rule's author wrote, in a language: annotations summary and description, and the same with _zh.
func summary(n Notification, language string) string {
	suffix := ""
	if language == chinese {
		suffix = "_zh"
	}
	var parts []string
	for _, name := range []string{"summary", "description"} {
		if s := strings.TrimSpace(n.Annotations[name+suffix]); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "\n")
}
