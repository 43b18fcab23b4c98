package outcomes

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Names that milestones and phases share.
const (
	acknowledged = "acknowledged"
	responded    = "responded"
	resolved     = "resolved"
	reopened     = "reopened"

	firstResponse = "first_response"
)

// event is what milestone and complaint events have in common.
type event struct {
	at         time.Time
	source, id string
	name       string // milestone or phase; empty where the event only states fields
	due        schemas.Due
	fact       int // its index among the facts
}

// usual is how many events fit the callers' buffers on the stack; few cases have more.
const usual = 16

func sortEvents(events []event) {
	slices.SortFunc(events, func(a, b event) int {
		return cmp.Or(a.at.Compare(b.at), strings.Compare(a.source, b.source), strings.Compare(a.id, b.id))
	})
}

// instant is when something was reached or is due.
type instant struct {
	name string
	at   time.Time
}

// timeline is what the live events of one case or complaint come to.
type timeline struct {
	reached     []instant // in the order of names
	due         []instant // in the order of names
	hasBegun    bool
	began       time.Time // by its earliest event
	base        int       // index among the events of the one whose attributes hold: of the beginning, else of the earliest
	wasResolved bool
	wasReopened bool
}

// newTimeline reads sorted live events, at least one; start names what begins the case or complaint. The slices given are written over.
func newTimeline(events []event, start string, reachedBuf, dueBuf []instant) timeline {
	t := timeline{reached: reachedBuf[:0], due: dueBuf[:0]}
	var solved time.Time
	open := true
	for i := range events {
		e := &events[i]
		for d, name := range e.due.Name {
			t.due = put(t.due, name, e.due.At[d], true)
		}
		switch e.name {
		case "":
			continue
		case resolved:
			solved, open, t.wasResolved = e.at, false, true
			continue
		case reopened:
			open = true
			t.wasReopened = t.wasReopened || t.wasResolved
		case start:
			if !t.hasBegun {
				t.hasBegun, t.began, t.base = true, e.at, i
			}
		}
		t.reached = put(t.reached, e.name, e.at, false)
	}
	if !open {
		t.reached = put(t.reached, resolved, solved, false)
	}
	sortInstants(t.reached)
	sortInstants(t.due)
	return t
}

// put sets the time of a name that has none yet, and of one that has where replace says so.
func put(list []instant, name string, at time.Time, replace bool) []instant {
	for i := range list {
		if list[i].name == name {
			if replace {
				list[i].at = at
			}
			return list
		}
	}
	return append(list, instant{name, at})
}

func sortInstants(list []instant) {
	slices.SortFunc(list, func(a, b instant) int { return strings.Compare(a.name, b.name) })
}

// columns are the instants as two columns, nil where there is none.
func columns(list []instant) (names []string, at []time.Time) {
	if len(list) == 0 {
		return nil, nil
	}
	names, at = make([]string, len(list)), make([]time.Time, len(list))
	for i, v := range list {
		names[i], at[i] = v.name, v.at
	}
	return names, at
}

// find is when a name was reached.
func (t *timeline) find(name string) (time.Time, bool) {
	for i := range t.reached {
		if t.reached[i].name == name {
			return t.reached[i].at, true
		}
	}
	return time.Time{}, false
}

// response is the first of acknowledged and responded that is not before the beginning.
func (t *timeline) response() (time.Time, bool) {
	var best time.Time
	found := false
	for _, name := range [...]string{acknowledged, responded} {
		if at, ok := t.find(name); ok && !at.Before(t.began) && (!found || at.Before(best)) {
			best, found = at, true
		}
	}
	return best, found
}

// durations are how long it took from when it began to each of the ends, which are sorted by name; ends before it have none.
// They are of whole microseconds, working time is nil without a calendar.
func durations(began time.Time, ends []instant, calendar Calendar) (names []string, micros []int64, working []*int64) {
	n := 0
	for _, end := range ends {
		if !end.at.Before(began) {
			n++
		}
	}
	if n == 0 {
		return nil, nil, nil
	}
	names, micros, working = make([]string, 0, n), make([]int64, 0, n), make([]*int64, n)
	var worked []int64
	if calendar != nil {
		worked = make([]int64, n)
	}
	for _, end := range ends {
		if end.at.Before(began) {
			continue
		}
		if i := len(names); calendar != nil {
			worked[i] = calendar.Working(began, end.at).Microseconds()
			working[i] = &worked[i]
		}
		names = append(names, end.name)
		micros = append(micros, end.at.Sub(began).Microseconds())
	}
	return names, micros, working
}
