package oracle_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/rapport-project/rapport/internal/oracle"
)

type obj = map[string]any

// event is a structured response of tenant t, with its hash under the made-up member "hash", so that a test says who wins.
func event(id, at string, revision int, hash uint64, data obj) []byte {
	return write(obj{
		"specversion": "1.0", "id": id, "source": "/app", "type": "rapport.survey.response.v1", "time": at, "tenant": "t",
		"revision": revision, "hash": hash, "data": data,
	})
}

func retraction(id, at string, revision int) []byte {
	return write(obj{
		"specversion": "1.0", "id": id, "source": "/app", "type": "rapport.survey.response.v1", "time": at, "tenant": "t",
		"revision": revision, "retracted": true,
	})
}

func write(v obj) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

func statedHash(raw []byte) (uint64, error) {
	var e struct {
		Hash uint64 `json:"hash"`
	}
	return e.Hash, json.Unmarshal(raw, &e)
}

// rater is an answer of rater-5 with the same score everywhere: index 20 x score.
func rater(score int) obj {
	var answers []obj
	for _, item := range []string{"reliability", "assurance", "tangibles", "empathy", "responsiveness"} {
		answers = append(answers, obj{"item": item, "score": score})
	}
	return obj{"questionnaire": "rater-5", "answers": answers}
}

func compute(t *testing.T, opts oracle.Options, raw ...[]byte) oracle.Result {
	t.Helper()
	if opts.Payload == nil {
		opts.Payload = statedHash
	}
	r, err := oracle.Compute(raw, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// measures are a cell's non-zero measures in words.
func measures(t oracle.Table, c *oracle.Cell) map[string]int64 {
	if c == nil {
		return nil
	}
	m := map[string]int64{}
	for _, name := range t.Measures {
		if v := c.Measure(name); v.Sign() != 0 {
			m[name] = v.Int64()
		}
	}
	return m
}

func overall(t *testing.T, r oracle.Result, day string) map[string]int64 {
	t.Helper()
	row := oracle.Find(r.Satisfaction, "t", "", day)
	if row == nil {
		t.Fatalf("no row of %s", day)
	}
	if len(row.Cells) == 0 {
		return nil
	}
	return measures(oracle.SatisfactionDays(), &row.Cells[0])
}

func near(t *testing.T, name string, got *float64, want float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > 1e-9 {
		t.Errorf("%s is %v, want %g", name, got, want)
	}
}
