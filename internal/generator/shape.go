package generator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math/rand/v2"
	"slices"

	"github.com/rapport-project/rapport/schemas"
)

// Duplicate repeats a share (0..1) of the events, each repeat at or after its original's place.
func Duplicate(events []Event, share float64, rng *rand.Rand) []Event {
	return displaced(events, rng, func() (first, again bool) { return false, chance(rng, share) })
}

// Late moves a share (0..1) of the events to a later place in the stream.
func Late(events []Event, share float64, rng *rand.Rand) []Event {
	return displaced(events, rng, func() (first, again bool) { return chance(rng, share), false })
}

// displaced lays the events out anew: each stays or moves to a later place, and may come once more at a later place.
func displaced(events []Event, rng *rand.Rand, draw func() (move, again bool)) []Event {
	type placed struct {
		at float64
		e  Event
	}
	var out []placed
	for i, e := range events {
		later := func() float64 { return float64(i) + rng.Float64()*float64(len(events)-i) }
		move, again := draw()
		at := float64(i)
		if move {
			at = later()
		}
		out = append(out, placed{at, e})
		if again {
			out = append(out, placed{later(), e})
		}
	}
	slices.SortStableFunc(out, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	shaped := make([]Event, len(out))
	for i, p := range out {
		shaped[i] = p.e
	}
	return shaped
}

// Shuffle is the events in a random order.
func Shuffle(events []Event, rng *rand.Rand) []Event {
	out := slices.Clone(events)
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// Mix strews the extra events among the others, whose order stays.
func Mix(events, extra []Event, rng *rand.Rand) []Event {
	out := slices.Clone(events)
	for _, e := range extra {
		out = slices.Insert(out, rng.IntN(len(out)+1), e)
	}
	return out
}

// Runs cuts the stream into k parts of random lengths, some of which may be empty; together they are the stream.
func Runs(events []Event, k int, rng *rand.Rand) [][]Event {
	cuts := []int{0, len(events)}
	for range k - 1 {
		cuts = append(cuts, rng.IntN(len(events)+1))
	}
	slices.Sort(cuts)
	runs := make([][]Event, 0, k)
	for i := range len(cuts) - 1 {
		runs = append(runs, events[cuts[i]:cuts[i+1]])
	}
	return runs
}

// Binary sends a share (0..1) of the good events in CloudEvents' binary mode: attributes as headers, data as value.
func Binary(events []Event, share float64, rng *rand.Rand) []Event {
	return some(events, share, rng, func(e *Event) { e.Headers, e.Value = binary(e.JSON) })
}

// Reformat writes a share (0..1) of the good events with other white space and member order, which changes no payload. The
// record is structured again.
func Reformat(events []Event, share float64, rng *rand.Rand) []Event {
	return some(events, share, rng, func(e *Event) {
		indented, err := json.MarshalIndent(members(e.JSON), " ", "\t")
		if err != nil {
			return
		}
		e.JSON = indented
		e.Headers, e.Value = structured(indented)
	})
}

// WrongKeys gives a share (0..1) of the events another message key than the contract asks for, or none.
func WrongKeys(events []Event, share float64, rng *rand.Rand) []Event {
	return some(events, share, rng, func(e *Event) { e.Key = pick(rng, []string{"", "hot", e.ID, e.Tenant}) })
}

// some is the events with a share of the good ones altered; the originals stay as they are.
func some(events []Event, share float64, rng *rand.Rand, alter func(*Event)) []Event {
	out := slices.Clone(events)
	for i := range out {
		if out[i].Refused == "" && chance(rng, share) {
			alter(&out[i])
		}
	}
	return out
}

// members takes the JSON object of a good event apart.
func members(event []byte) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	// A good event is an object; of anything else nothing is made.
	_ = json.Unmarshal(event, &m)
	return m
}

// binary is a structured event in the other mode; the headers are in a fixed order, so that the same seed gives the same bytes.
func binary(event []byte) ([]schemas.Header, []byte) {
	m := members(event)
	headers := []schemas.Header{{Name: "content-type", Value: []byte("application/json")}}
	for _, name := range []string{"specversion", "id", "source", "type", "time", "tenant", "revision", "retracted", "subject"} {
		if raw, ok := m[name]; ok {
			headers = append(headers, schemas.Header{Name: "ce_" + name, Value: unquote(raw)})
		}
	}
	return headers, m["data"]
}

// unquote is a JSON string's text, or the text of a number or boolean as it stands.
func unquote(raw json.RawMessage) []byte {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return []byte(s)
	}
	return bytes.TrimSpace(raw)
}
