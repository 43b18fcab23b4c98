package events_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rapport-project/rapport/bench/events"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/schemas"
)

// verdict judges a record as rapport does.
func verdict(t *testing.T) func(value []byte) (*schemas.Event, error) {
	t.Helper()
	c, err := app.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	defs, err := c.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	_, to := events.Month()
	return func(value []byte) (*schemas.Event, error) {
		e, err := schemas.ParseEvent(value, to, defs.Parse)
		if err == nil {
			err = processors.Check(e, defs.Processors)
		}
		return e, err
	}
}

// TestOrdered: what every contender is expected to store rests on each event being valid and there once, and the targets on its size.
func TestOrdered(t *testing.T) {
	const n = 20_000
	judge := verdict(t)
	from, to := events.Month()
	f, again := events.Ordered(n), events.Ordered(n)
	seen, count, bytes, last := map[string]bool{}, map[string]int{}, 0, time.Time{}
	for i := range n {
		record := f.At(i)
		if string(again.At(i).Value) != string(record.Value) {
			t.Fatalf("event %d is not the same twice", i)
		}
		e, err := judge(record.Value)
		if err != nil {
			t.Fatalf("%s: %v", record.Value, err)
		}
		r := e.Data.(*schemas.SurveyResponse)
		if seen[e.Source+e.ID] || e.Time.Before(from) || e.Time.Before(last) || !e.Time.Before(to) || string(record.Key) != r.CustomerID {
			t.Fatalf("twice, out of order or under another key: %s", record.Value)
		}
		seen[e.Source+e.ID], last = true, e.Time
		count[r.Questionnaire]++
		bytes += len(record.Value)
	}
	if mean := bytes / n; mean < 380 || mean > 420 {
		t.Errorf("%d bytes on average", mean)
	}
	if a, b := count["relationship"], count["after-sales-10"]; a+b != n || a < n*48/100 || b < n*48/100 {
		t.Errorf("%v", count)
	}
	if f.Len != n || f.Distinct != n || f.Bad != 0 || f.Unseen != 0 {
		t.Errorf("%+v", f)
	}
}

func TestMixed(t *testing.T) {
	const n = 20_000
	judge := verdict(t)
	f := events.Mixed(n)
	bodies, ids, reasons := map[string]bool{}, map[string]bool{}, map[schemas.Reason]int{}
	bad, unseen, disorder, last := 0, 0, 0, time.Time{}
	for i := range n {
		record := f.At(i)
		e, err := judge(record.Value)
		var invalid *schemas.InvalidError
		switch {
		case errors.As(err, &invalid):
			bad++
			reasons[invalid.Reason]++
			if invalid.Reason != schemas.NotJSON {
				unseen++
			}
			if !strings.Contains(string(record.Value), `"id":"`+events.BadPrefix) {
				t.Fatalf("a bad event is not named so: %s", record.Value)
			}
			continue
		case err != nil:
			t.Fatal(err)
		}
		bodies[string(record.Value)], ids[e.Source+e.ID] = true, true
		if e.Time.Before(last) {
			disorder++
		}
		last = e.Time
	}
	want := fmt.Sprint(n-n/10-n/100, n-n/10-n/100, n/100, n/100*3/4)
	if got := fmt.Sprint(len(ids), len(bodies), bad, unseen); got != want || fmt.Sprint(f.Distinct, f.Distinct, f.Bad, f.Unseen) != want {
		t.Errorf("distinct ids and bodies, bad and unseen: %s, want %s, said to be %+v", got, want, f)
	}
	if len(reasons) != 4 || disorder < n/3 {
		t.Errorf("%v, %d of %d out of order", reasons, disorder, n)
	}
}

func TestContacts(t *testing.T) {
	const n = 20_000
	judge := verdict(t)
	chains, ids := map[string]int{}, map[string]bool{}
	for month := range 2 {
		f, last := events.ContactsOf(month, n), time.Time{}
		for i := range n {
			record := f.At(i)
			e, err := judge(record.Value)
			if err != nil {
				t.Fatalf("%s: %v", record.Value, err)
			}
			c := e.Data.(*schemas.Contact)
			if ids[e.ID] || e.Time.Before(last) || string(record.Key) != c.CustomerID {
				t.Fatalf("twice, out of order or under another key: %s", record.Value)
			}
			ids[e.ID], last = true, e.Time
			chains[c.CustomerID+" "+c.Issue]++
		}
	}
	lengths := map[int]int{}
	for _, length := range chains {
		lengths[length]++
	}
	if len(lengths) != 5 || lengths[1] < 1000 || lengths[5] < 100 {
		t.Errorf("chains by length: %v", lengths)
	}
}
