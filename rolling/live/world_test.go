package live

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/rollups/fold"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store/storetest"
)

func TestMain(m *testing.M) {
	clickhousetest.Child()
	if code := m.Run(); code != 0 {
		os.Exit(code)
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// world is a store that is changed at random.
type world struct {
	*testing.T
	rng  *rand.Rand
	conn driver.Conn
	from time.Time
	// facts that were written, by their serial number.
	facts []schemas.SurveyFact
}

func newWorld(t *testing.T, seed uint64) *world {
	return &world{T: t, rng: rand.New(rand.NewPCG(seed, 19)), conn: storetest.Start(t), from: time.Date(2026, 5, 31, 22, 0, 0, 0, time.UTC)}
}

// instant is one of four hours, on either side of the turn of a month, often the edge of a minute.
func (w *world) instant() time.Time {
	at := w.from.Add(time.Duration(w.rng.IntN(240)) * time.Minute)
	switch w.rng.IntN(3) {
	case 0:
		return at.Add(time.Duration(w.rng.IntN(60_000_000)) * time.Microsecond)
	case 1:
		return at.Add(time.Microsecond)
	}
	return at
}

func (w *world) fresh() schemas.SurveyFact {
	at := w.instant()
	f := schemas.SurveyFact{
		Identity:   schemas.Identity{Tenant: "acme", Hour: at.Truncate(time.Hour), Source: "app", ID: fmt.Sprint("r-", len(w.facts))},
		OccurredAt: at, Questionnaire: "after-sales-10", QuestionnaireVersion: "1", Role: "customer", CustomerID: "c", ScaleSpan: 9,
		AttributeColumns: schemas.AttributeColumns{Region: fmt.Sprint("region-", w.rng.IntN(3)), Agent: fmt.Sprint("agent-", w.rng.IntN(9))},
	}
	w.answer(&f)
	w.facts = append(w.facts, f)
	return f
}

// answer gives a fact other content.
func (w *world) answer(f *schemas.SurveyFact) {
	score := int16(1 + w.rng.IntN(10))
	f.Payload = w.rng.Uint64()
	f.Valid, f.IndexNum, f.IndexDen, f.Level = w.rng.IntN(9) > 0, int64(score)*10, 1, "satisfied"
	f.AnswerItem, f.AnswerDimension, f.AnswerScore = []string{"skill"}, []string{"skill"}, []*int16{&score}
	f.AnswerExpectation, f.AnswerImportance, f.AnswerReasons, f.AnswerComment = []*int16{nil}, []*int16{&score}, [][]string{{"late"}}, []string{""}
	f.Dimension, f.DimensionNum, f.DimensionDen = []string{"skill"}, []int64{int64(score) * 10}, []int64{1}
}

// change does to the store what may happen between two looks.
func (w *world) change() string {
	var rows []schemas.SurveyFact
	what := ""
	pick := func() *schemas.SurveyFact { return &w.facts[w.rng.IntN(len(w.facts))] }
	n := 1 + w.rng.IntN(4)
	switch kind := w.rng.IntN(12); {
	case kind < 4 || len(w.facts) == 0:
		what = "new facts"
		for range n * 5 {
			rows = append(rows, w.fresh())
		}
	case kind < 6:
		what = "repetitions"
		for range n {
			rows = append(rows, *pick())
		}
	case kind == 6:
		what = "corrections"
		f := pick()
		f.Revision++
		w.answer(f)
		rows = append(rows, *f)
	case kind == 7:
		what = "a retraction"
		f := pick()
		f.Revision++
		f.Retracted = true
		rows = append(rows, *f)
	case kind == 8:
		what = "an old revision late"
		f := *pick()
		f.Payload--
		rows = append(rows, f)
	case kind == 9:
		what = "superseded"
		w.exec(fmt.Sprintf("INSERT INTO rapport_store.survey_facts SELECT * REPLACE (true AS superseded) FROM rapport_store.survey_facts FINAL WHERE id = '%s'", pick().ID))
	case kind == 10:
		what = "a merge"
		w.exec("OPTIMIZE TABLE rapport_store.survey_facts FINAL")
	default:
		what = "an erasure"
		w.exec(fmt.Sprintf("ALTER TABLE rapport_store.survey_facts DELETE WHERE id = '%s' SETTINGS mutations_sync = 2", pick().ID))
	}
	if len(rows) > 0 {
		if err := sinks.NewClickHouse(w.conn, sinks.Config{}, nil).Write(w.Context(), sinks.Batch{Responses: rows}); err != nil {
			w.Fatal(err)
		}
	}
	return what
}

func (w *world) exec(sql string) {
	w.Helper()
	if err := w.conn.Exec(w.Context(), sql); err != nil {
		w.Fatal(sql, err)
	}
}

// pieces are some between random edges, most of them at whole minutes as windows have them.
func (w *world) pieces() []Piece {
	at := w.from.Add(-time.Hour).UnixMicro()
	var all []Piece
	for slot := range 3 {
		at += int64(w.rng.IntN(100)) * minute
		to := at + int64(1+w.rng.IntN(120))*minute
		p := Piece{From: at + 1, To: to + 1, Slot: slot + 1}
		if w.rng.IntN(4) == 0 {
			p.To += int64(w.rng.IntN(int(minute)))
		}
		all = append(all, p)
		at = p.To - 1
	}
	return all
}

// cells are sums as they can be compared.
type cells map[string]any

func (s cells) take(slot int, c *fold.Cells) {
	key := func(cut, value string, k any) string { return fmt.Sprint(slot, cut, value, k) }
	c.Surveys(func(cut, value string, k metrics.SurveyKey, v metrics.Survey) { s[key(cut, value, k)] = v })
	c.Dimensions(func(cut, value string, k metrics.DimensionKey, v metrics.Dimension) { s[key(cut, value, k)] = v })
	c.Scores(func(cut, value string, k metrics.ScoreKey, n uint64) { s[key(cut, value, k)] = n })
	c.Reasons(func(cut, value string, k metrics.ReasonKey, n uint64) { s[key(cut, value, k)] = n })
}

var theCuts = []string{"", "region", "agent", "region,agent"}

// read are the sums of pieces as the facts have them.
func (w *world) read(pieces []Piece) cells {
	w.Helper()
	out := cells{}
	space, err := fold.NewSpace(theCuts)
	if err != nil {
		w.Fatal(err)
	}
	for len(pieces) > 0 {
		var of []Piece // one slot's, whose sums go together
		for len(pieces) > 0 && (len(of) == 0 || pieces[0].Slot == of[0].Slot) {
			of, pieces = append(of, pieces[0]), pieces[1:]
		}
		var bounds fold.Bounds
		for _, p := range of {
			bounds.At, bounds.Slots = append(bounds.At, p.From, p.To), append(bounds.Slots, 0, -1)
		}
		folder := fold.NewFolder(space, bounds)
		hours := []rollups.Hours{{First: uint32(of[0].From / hour), End: uint32((of[len(of)-1].To + hour - 1) / hour)}}
		if err := rollups.FoldFacts(w.Context(), w.conn, "acme", hours, false, folder); err != nil {
			w.Fatal(err)
		}
		if c := folder.Cells(0); c != nil {
			out.take(of[0].Slot, c)
		}
	}
	return out
}

// kept are the sums of what a keeper has of the pieces, and those of the facts of the same.
func (w *world) both(k *Keeper) (kept, want cells) {
	w.Helper()
	pieces := w.pieces()
	kept = cells{}
	left, err := k.Sum(context.WithoutCancel(w.Context()), "acme", theCuts, pieces, kept.take)
	if err != nil {
		w.Fatal(err)
	}
	return kept, w.read(without(pieces, left))
}

// without takes stretches away from pieces.
func without(pieces, left []Piece) []Piece {
	var all []Piece
	for _, p := range pieces {
		at := p.From
		for _, l := range left {
			if l.Slot != p.Slot || l.From < p.From || l.To > p.To {
				continue
			}
			if at < l.From {
				all = append(all, Piece{at, l.From, p.Slot})
			}
			at = l.To
		}
		if at < p.To {
			all = append(all, Piece{at, p.To, p.Slot})
		}
	}
	return all
}
