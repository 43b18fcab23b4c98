package rolling

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/calendars"
	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/outcomes"
	"github.com/rapport-project/rapport/outcomes/keeper"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/quality"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store/storetest"
	"github.com/rapport-project/rapport/tenants"
)

// story is all of the pipeline but its Kafka: what events become, with the marks as lists.
type story struct {
	testing.TB
	rng      *rand.Rand
	conn     driver.Conn
	settings *tenants.Settings
	catalog  *questionnaires.Catalog
	sink     *sinks.ClickHouse
	defs     *processors.Definitions
	keeper   *keeper.Keeper
	sweeper  *rollups.Sweeper
	roller   *rollups.Recomputer
	common   uint64
	// entities and days are marks that nobody has answered; next is the offset of the next one of each topic.
	entities, days []kafka.Message
	next           map[string]int64
}

// companies are tenants that differ in all that figures rest on: half an hour, daylight saving, pairs, a calendar, a small cap, another window.
func companies() map[string]string {
	return map[string]string{
		"kolkata":  "time_zone: Asia/Kolkata\ncuts: [[region, product]]\nattribute_cap: 4\nfcr_window_days: 3\nmin_n: 3\n",
		"new-york": "time_zone: America/New_York\ncuts: [[channel, segment]]\ncalendar: five-days\nservice_level_seconds: 45\n",
		"plain":    "min_n: 2\nfcr_window_days: 30\n",
	}
}

func newStory(t testing.TB, rng *rand.Rand) *story {
	t.Helper()
	dir := t.TempDir()
	for name, text := range companies() {
		path := filepath.Join(dir, "tenants", name+".yaml")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := &story{TB: t, rng: rng, conn: storetest.Start(t), next: map[string]int64{}}
	s.sink = sinks.NewClickHouse(s.conn, sinks.Config{}, nil)
	hours, err := calendars.Load(calendars.Shipped(), "")
	s.must(err)
	s.settings, err = tenants.Load(dir)
	s.must(err)
	s.catalog, err = questionnaires.Load(questionnaires.Shipped(), "")
	s.must(err)
	s.defs = &processors.Definitions{Questionnaires: s.catalog, Tenants: s.settings}
	epochs := rollups.NewEpochs(rollups.EpochsOptions{Conn: s.conn, Settings: s.settings, Positions: s, Publisher: s, Group: "roll", Log: zerolog.Nop()})
	s.common, err = epochs.Ensure(t.Context())
	s.must(err)
	s.roller = rollups.NewRecomputer(rollups.Options{Conn: s.conn, Settings: s.settings, Epochs: epochs.Of})
	s.keeper = keeper.New(keeper.Options{
		Conn: s.conn, Sink: s.sink, Settings: s.settings, Publisher: s, Log: zerolog.Nop(),
		Calendar: func(id string) outcomes.Calendar {
			c, ok := hours.Get(id)
			if !ok {
				return nil
			}
			return c
		},
		Epochs: func(_ context.Context, common uint64, names []string) (map[string]uint64, error) {
			of := map[string]uint64{}
			for _, n := range names {
				of[n] = common
			}
			return of, nil
		},
	})
	s.sweeper = rollups.NewSweeper(rollups.SweeperOptions{
		Conn: s.conn, Settings: s.settings, Publisher: s, Log: zerolog.Nop(),
		MarkEntities: func(ctx context.Context, entities map[schemas.Entity]schemas.Span) error {
			return keeper.Mark(ctx, s, entities)
		},
	})
	return s
}

func (s *story) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// Publish implements the publishers of marks.
func (s *story) Publish(_ context.Context, msgs ...kafka.Message) error {
	for _, m := range msgs {
		m.Offset = s.next[m.Topic]
		s.next[m.Topic]++
		if m.Topic == schemas.TopicStaleEntities {
			s.entities = append(s.entities, m)
		} else {
			s.days = append(s.days, m)
		}
	}
	return nil
}

// Partitions implements rollups.Positions, as the two after it.
func (s *story) Partitions(context.Context, string) (int, error) { return 1, nil }

func (s *story) Offsets(_ context.Context, topic string) (map[int]kafka.OffsetRange, error) {
	return map[int]kafka.OffsetRange{0: {End: s.next[topic]}}, nil
}

func (s *story) Committed(context.Context, string, []string) (map[string]map[int]int64, error) {
	return map[string]map[int]int64{}, nil
}

// play sends events in several runs, some twice and out of order, and answers what they make stale at random moments.
func (s *story) play(events []generator.Event) {
	s.Helper()
	sent := generator.Shuffle(generator.Duplicate(events, 0.1, s.rng), s.rng)
	for _, run := range generator.Runs(sent, 3, s.rng) {
		var out processors.Output
		for _, e := range run {
			parsed, err := schemas.Parse(e.Record(time.Time{}), schemas.Options{})
			s.must(err)
			s.must(processors.Process(parsed, s.defs, &out))
		}
		s.must(s.sink.Write(s.Context(), sinks.Batch{
			Responses: out.Responses, Invitations: out.Invitations, Contacts: out.Contacts, Milestones: out.Milestones, Complaints: out.Complaints,
		}))
		s.must(rollups.Mark(s.Context(), s, out.StaleDays()))
		s.must(keeper.Mark(s.Context(), s, out.StaleEntities))
		if s.rng.IntN(2) == 0 {
			s.answer()
		}
	}
	for {
		s.answer()
		s.must(s.sweeper.Settle(s.Context()))
		if len(s.entities)+len(s.days) == 0 {
			break
		}
	}
	s.must(quality.New(quality.Options{Config: quality.Config{Timeout: time.Minute}, Conn: s.conn, Settings: s.settings, Log: zerolog.Nop()}).Look(s.Context()))
}

// answer takes the marks there are, of entities before the days that these mark.
func (s *story) answer() {
	s.Helper()
	entities := s.entities
	s.entities = nil
	_, err := s.keeper.Answer(s.Context(), 1, entities)
	s.must(err)
	days := s.days
	s.days = nil
	_, err = s.roller.Answer(s.Context(), s.common, days)
	s.must(err)
}

// moved puts a share of the events on the edges of windows: at one of the instants, a microsecond before it or after it. All deliveries of an event
// move together.
func (s *story) moved(events []generator.Event, share float64, edges []time.Time) []generator.Event {
	s.Helper()
	type identity struct{ kind, tenant, source, id string }
	to := map[identity]time.Time{}
	out := make([]generator.Event, len(events))
	for i, e := range events {
		id := identity{string(e.Type), e.Tenant, e.Source, e.ID}
		if _, drawn := to[id]; !drawn {
			to[id] = time.Time{}
			if s.rng.Float64() < share {
				to[id] = edges[s.rng.IntN(len(edges))].Add(time.Duration(s.rng.IntN(3)-1) * time.Microsecond)
			}
		}
		if at := to[id]; !at.IsZero() {
			var members map[string]any
			s.must(json.Unmarshal(e.JSON, &members))
			members["time"] = at.Format(time.RFC3339Nano)
			text, err := json.Marshal(members)
			s.must(err)
			e.JSON, e.Value, e.Time = text, text, at
		}
		out[i] = e
	}
	return out
}
