package keeper

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
)

// partitions of the marks' topic.
const partitions = 3

// stage is a rig whose marks lie in partitions that workers answer in batches at random moments: again where a worker died before its
// commit, and late where one wakes up when others have gone on.
type stage struct {
	*rig
	rng       *rand.Rand
	marks     [partitions][]kafka.Message
	committed [partitions]int
	held      []result // what was computed and is not written yet
	settler   *rollups.Sweeper
	// answers is how many batches were answered, late how many of these were written when others had gone on.
	answers, late int
}

func newStage(r *rig, rng *rand.Rand) *stage {
	s := &stage{rig: r, rng: rng}
	s.settler = rollups.NewSweeper(rollups.SweeperOptions{
		Conn: r.conn, Settings: r.keeper.o.Settings, Publisher: r, Log: zerolog.Nop(),
		MarkEntities: func(ctx context.Context, entities map[schemas.Entity]schemas.Span) error {
			return Mark(ctx, r, entities)
		},
	})
	return s
}

// step is something that happens: mostly a batch of marks is answered.
func (s *stage) step() {
	s.t.Helper()
	switch s.rng.IntN(8) {
	case 0:
		if err := s.settler.Settle(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
	case 1, 2:
		if batch := s.batch(s.rng.IntN(partitions)); len(batch) > 0 {
			s.answers++
			for _, kind := range kinds() {
				s.held = append(s.held, s.computed(kind, batch))
			}
		}
	case 3:
		s.wake()
	default:
		p := s.rng.IntN(partitions)
		batch := s.batch(p)
		s.answer(batch)
		if s.rng.IntN(4) > 0 {
			s.committed[p] += len(batch)
		}
	}
}

// batch are some marks of a partition from what is committed on.
func (s *stage) batch(p int) []kafka.Message {
	for _, m := range s.entities {
		h := fnv.New32a()
		_, _ = h.Write(m.Key)
		to := h.Sum32() % partitions
		s.marks[to] = append(s.marks[to], m)
	}
	s.entities = nil
	waiting := s.marks[p][s.committed[p]:]
	if len(waiting) == 0 {
		return nil
	}
	return waiting[:1+s.rng.IntN(len(waiting))]
}

func (s *stage) answer(batch []kafka.Message) {
	s.t.Helper()
	s.answers++
	if _, err := s.keeper.Answer(s.t.Context(), 1, batch); err != nil {
		s.t.Fatal(err)
	}
}

// wake lets a worker write that read facts long ago. It may die of that before it marks anything; not so with complaints, since it falls to the
// one that writes late to take back a subject that is no more, and to the sweeper where it does not.
func (s *stage) wake() {
	s.t.Helper()
	if len(s.held) == 0 {
		return
	}
	i := s.rng.IntN(len(s.held))
	late := s.held[i]
	s.held = append(s.held[:i], s.held[i+1:]...)
	s.late++
	write := func() error { return s.keeper.finish(s.t.Context(), late) }
	if len(late.rows.ComplaintOutcomes) == 0 && s.rng.IntN(2) == 0 {
		write = func() error { return s.sink.Write(s.t.Context(), late.rows) }
	}
	if err := write(); err != nil {
		s.t.Fatal(err)
	}
}

// rest answers until there is nothing to answer, to settle or to write late.
func (s *stage) rest() {
	s.t.Helper()
	for moved := true; moved; {
		moved = false
		for p := range partitions {
			for batch := s.batch(p); len(batch) > 0; batch = s.batch(p) {
				s.answer(batch)
				s.committed[p] += len(batch)
				moved = true
			}
		}
		if err := s.settler.Settle(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		moved = moved || len(s.entities) > 0
		if !moved {
			for ; len(s.held) > 0; moved = true {
				s.wake()
			}
		}
	}
}

// parsed are events as the pipeline reads them.
func parsed(t testing.TB, events []generator.Event) []*schemas.Event {
	t.Helper()
	all := make([]*schemas.Event, len(events))
	for i, e := range events {
		p, err := schemas.Parse(e.Record(time.Time{}), schemas.Options{DefaultTenant: "default"})
		if err != nil {
			t.Fatal(err)
		}
		all[i] = p
	}
	return all
}
