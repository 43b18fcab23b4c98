package events

import (
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Feed is what a topic holds: Len records, and what has to become of them.
type Feed struct {
	// Topic they are for.
	Topic string
	// Len is the number of records, Distinct that of the events among them that stand in the end, and Bad that of those that must be refused.
	Len, Distinct, Bad int
	// Unseen are those of Bad that are well-formed, and that nothing but the contract refuses.
	Unseen int

	at    func(i int) Event
	order []int32
}

// At is the i-th record.
func (f Feed) At(i int) Event {
	if f.order != nil {
		i = int(f.order[i])
	}
	return f.at(i)
}

// Month is the one that the events are spread over.
func Month() (from, to time.Time) {
	return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
}

// spread is the instant of the i-th of n, in milliseconds as apps tell it.
func spread(i, n int) time.Time {
	from, to := Month()
	return from.Add(time.Duration(float64(to.Sub(from)) * (float64(i) / float64(n)))).Truncate(time.Millisecond)
}

// Ordered is n valid responses, each once, in order of time, as a topic holds them after an outage.
func Ordered(n int) Feed {
	return Feed{Topic: schemas.TopicSurveyResponses, Len: n, Distinct: n, at: func(i int) Event { return Response(i, spread(i, n)) }}
}

// Mixed is n records in random order over the month: one in ten repeats another byte for byte, and one in a hundred is bad.
func Mixed(n int) Feed {
	repeats, bad := n/10, n/100
	distinct := n - repeats - bad
	good := func(i int) Event { return Response(i, spread(i, distinct)) }
	f := Feed{
		Topic: schemas.TopicSurveyResponses, Len: n, Distinct: distinct, Bad: bad, Unseen: bad - (bad+3)/4,
		at: func(i int) Event {
			switch {
			case i < distinct:
				return good(i)
			case i < distinct+repeats:
				d := dice(i)
				return good(d.of(distinct))
			}
			return Bad(i, i-distinct-repeats, spread(i-distinct-repeats, bad))
		},
		order: make([]int32, n),
	}
	for i := range f.order {
		f.order[i] = int32(i)
	}
	rand.New(rand.NewPCG(7, 30)).Shuffle(n, func(i, j int) { f.order[i], f.order[j] = f.order[j], f.order[i] })
	return f
}

// BadPrefix begins the id of every bad event.
const BadPrefix = "bad-"

// Bad is a response that must be refused, by turns cut off, with an answer to an item that there is not, with a score that is text, and off the scale.
func Bad(number, turn int, at time.Time) Event {
	faults := [...]fault{{cut: true}, {item: "weather"}, {score: `"8"`}, {nps: "11"}}
	return response(number, at, BadPrefix, faults[turn%len(faults)])
}

// Contacts are n contacts of a month, in order of time: chains of one to five contacts, by customer and issue, some days apart.
func Contacts(n int) Feed { return ContactsOf(0, n) }

// ContactsOf is Contacts for the month of that number, all with customers of its own.
func ContactsOf(month, n int) Feed {
	return Feed{Topic: schemas.TopicServiceEvents, Len: n, Distinct: n, at: func(i int) Event { return contact(month, i, n) }}
}

// Shuffled is a feed in random order.
func Shuffled(f Feed) Feed {
	f.order = make([]int32, f.Len)
	for i := range f.order {
		f.order[i] = int32(i)
	}
	rand.New(rand.NewPCG(7, 31)).Shuffle(f.Len, func(i, j int) { f.order[i], f.order[j] = f.order[j], f.order[i] })
	return f
}

// contact is the i-th in order of time. Chains have to be found from the number alone: contacts of a chain are as many numbers apart as a fixed
// stretch of time takes, so that number i continues the chain of i-stretch where the dice say so.
func contact(month, i, n int) Event {
	stretch := max(1, n/8) // of a month: some four days
	first, length := i, 1
	for first >= stretch && continues(month, first) && length < 5 {
		first, length = first-stretch, length+1
	}
	customer := "m" + strconv.Itoa(month) + "-c-" + string(digits(uint64(first/2), 7))
	issue := []string{"fault", "invoice"}[first%2]
	d := dice(^(month<<32 + i))
	from, _ := Month()
	from = from.AddDate(0, month-12, 0)
	at := from.Add(time.Duration(float64(28*24*time.Hour) * (float64(i) / float64(n)))).Truncate(time.Millisecond)
	b := make([]byte, 0, 640)
	b = append(append(append(b, `{"specversion":"1.0","id":"k-`...), digits(uint64(month), 2)...), '-')
	b = append(append(b, digits(uint64(i), 8)...), `","source":"/pbx","type":"rapport.contact.v1","time":"`...)
	b = at.AppendFormat(b, "2006-01-02T15:04:05.000Z07:00")
	b = append(append(b, `","data":{"customer_id":"`...), customer...)
	b = append(append(b, `","issue":"`...), issue...)
	b = append(b, []string{`","resolved":true`, `","resolved":false`, `","resolved":true`, `","resolved":null`}[d.of(4)]...)
	b = number(b, `,"wait_seconds":`, d.of(90))
	b = number(b, `,"talk_seconds":`, 30+d.of(600))
	b = append(b, `,"attributes":{`...)
	agent := d.of(Agents)
	b = append(service(place(b, &d, agent), &d, agent), "}}}"...)
	return Event{Key: []byte(customer), Value: b}
}

func continues(month, i int) bool {
	d := dice(month<<32 + i + 1<<48)
	return d.of(5) < 3
}

// Responses is n valid responses, each once, with numbers from first on and at the instants that at tells.
func Responses(first, n int, at func(i int) time.Time) Feed {
	return Feed{Topic: schemas.TopicSurveyResponses, Len: n, Distinct: n, at: func(i int) Event { return Response(first+i, at(i)) }}
}
