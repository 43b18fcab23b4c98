package events

import (
	"strconv"
	"time"
)

// Customers are how many there are, each with a key of its own on the topic; Agents how many serve them.
const (
	Customers = 50_000
	Agents    = 240
)

// Event is one record: its key on the topic and its JSON.
type Event struct {
	Key, Value []byte
}

// Response is the survey response of a number at an instant, some 400 bytes: every other one, by chance, is of `relationship` (no items; NPS, and at times CES
// and the intent to buy again), the others are of `after-sales-10` with its five answers.
func Response(number int, at time.Time) Event { return response(number, at, "r-", fault{}) }

// fault is what is wrong with a response; the zero value is nothing.
type fault struct {
	score, nps, item string
	cut              bool
}

func response(nth int, at time.Time, kind string, wrong fault) Event {
	d := dice(nth)
	customer := append([]byte("c-"), digits(uint64(d.of(Customers)), 5)...)
	b := make([]byte, 0, 640)
	app := d.of(3)
	b = append(b, `{"specversion":"1.0","id":"`...)
	b = append(append(b, kind...), digits(uint64(nth), 9)...)
	b = append(append(b, `","source":"`...), []string{"/crm", "/field", "urn:app:wechat"}[app]...)
	b = append(b, `","type":"rapport.survey.response.v1","time":"`...)
	if app == 2 { // this one writes the time of its country
		at = at.In(east)
	}
	b = at.AppendFormat(b, "2006-01-02T15:04:05.000Z07:00")
	b = append(append(b, `","data":{"customer_id":"`...), customer...)
	b = append(b, `","attributes":{`...)
	agent := d.of(Agents)
	mood := d.of(10) + agent%3
	if relationship := d.of(2) == 0; relationship && wrong == (fault{}) {
		b = place(b, &d, agent)
		b = append(b, `},"questionnaire":"relationship"`...)
		b = number(b, `,"nps":`, 10-min(10, d.skewed(mood)))
		if d.of(2) == 0 {
			b = number(b, `,"ces":`, 7-min(6, d.skewed(mood)))
		}
		if d.of(2) == 0 {
			b = number(b, `,"repurchase":`, 5-min(4, d.skewed(mood)))
		}
	} else {
		b = service(place(b, &d, agent), &d, agent)
		b = append(b, `},"questionnaire":"after-sales-10"`...)
		if d.of(4) == 0 {
			b = append(append(append(b, `,"case_id":"case-`...), digits(uint64(nth), 9)...), '"')
		}
		b = append(b, `,"answers":[`...)
		b = answers(b, &d, mood, wrong)
		b = append(b, ']')
		if wrong.nps != "" {
			b = append(append(b, `,"nps":`...), wrong.nps...)
		}
		if d.of(4) == 0 {
			b = append(b, []string{`,"resolved_first_contact":true`, `,"resolved_first_contact":false`}[d.of(mood+2)/4%2]...)
		}
	}
	if d.of(20) == 0 {
		b = append(append(append(b, `,"labels":{"build":"v`...), '1'+byte(d.of(9))), `"}`...)
	}
	if d.of(20) == 0 {
		b = append(append(append(b, `,"comment":"`...), comments[d.of(len(comments))]...), '"')
	}
	b = append(b, "}}"...)
	if wrong.cut {
		b = b[:len(b)*2/3]
	}
	return Event{Key: customer, Value: b}
}

var (
	east     = time.FixedZone("", 8*3600)
	items    = [...]string{"skill", "attitude", "timeliness", "parts", "overall"}
	reasons  = [...]string{"skill_lacking", "bad_attitude", "arrived_late", "low_stock", "service_image"}
	regions  = [...]string{"north", "south", "east", "west", "central", "华东"}
	products = [...]string{"pump", "compressor", "excavator", "loader", "crane", "drill", "mixer", "roller", "paver", "grader", "generator", "液压泵"}
	services = [...]string{"repair", "installation", "maintenance", "parts"}
	channels = [...]string{"phone", "app", "wechat", "onsite", "email"}
	segments = [...]string{"key", "regular", "regular", "small"}
	comments = [...]string{"Engineer arrived on time and fixed it at once.", "Fine, but the parts took a while.", "Nobody called back.", "师傅很专业，态度也好。", "等了三天才来人。"}
)

// place writes what every event states of the agent and what the customer had to do with; one in four does not know the customer's segment.
func place(b []byte, d *dice, agent int) []byte {
	b = append(append(b, `"region":"`...), regions[agent/40]...)
	b = append(append(b, `","product":"`...), products[d.of(len(products))]...)
	b = append(append(b, `","channel":"`...), channels[d.of(len(channels))]...)
	if d.of(4) > 0 {
		b = append(append(b, `","segment":"`...), segments[d.of(len(segments))]...)
	}
	b = append(b, `","agent":"a-`...)
	return append(append(b, digits(uint64(agent), 3)...), '"')
}

// service writes what is stated after a service beside: the unit that did it and, every other time, what it was.
func service(b []byte, d *dice, agent int) []byte {
	b = append(append(b, `,"org_unit":"`...), regions[agent/40]...)
	b = append(b, '/', '1'+byte(agent/10%4), '"')
	if d.of(2) == 0 {
		b = append(append(append(b, `,"service":"`...), services[d.of(len(services))]...), '"')
	}
	return b
}

// answers are those to the five items, from any of them on; a low score names its reason more often than not.
func answers(b []byte, d *dice, mood int, wrong fault) []byte {
	first := d.of(len(items))
	for i := range items {
		if i > 0 {
			b = append(b, ',')
		}
		k := (first + i) % len(items)
		item, score := items[k], 10-min(9, d.skewed(mood))
		if i == 0 && wrong.item != "" {
			item = wrong.item
		}
		b = append(append(b, `{"item":"`...), item...)
		if i == 0 && wrong.score != "" {
			b = append(append(b, `","score":`...), wrong.score...)
		} else {
			b = number(b, `","score":`, score)
		}
		if score < 5 && d.of(5) < 3 {
			b = append(append(append(b, `,"reasons":["`...), reasons[k]...), `"]`...)
		}
		b = append(b, '}')
	}
	return b
}

func number(b []byte, name string, x int) []byte {
	return strconv.AppendInt(append(b, name...), int64(x), 10)
}

// digits is x with at least n digits.
func digits(x uint64, n int) []byte {
	text := make([]byte, 0, 20)
	for p := pow10(n - 1); p > x && p > 1; p /= 10 {
		text = append(text, '0')
	}
	return strconv.AppendUint(text, x, 10)
}

func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// dice is a random source that costs nothing to make: splitmix64.
type dice uint64

// of is one of 0 to n-1.
func (d *dice) of(n int) int {
	*d += 0x9e3779b97f4a7c15
	x := uint64(*d)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return int((x ^ x>>31) % uint64(n))
}

// skewed is 0 more often than not, and more the worse the mood is.
func (d *dice) skewed(mood int) int { return d.of(12) * d.of(mood+2) / 12 }
