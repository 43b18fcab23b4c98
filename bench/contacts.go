package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// historyFactor is how many times the contacts measured lie before them in the run with a history.
const historyFactor = 10

// runContacts measures contacts with their outcomes and rollups: on an empty store, then the same number once more after ten times as many, and
// on an empty store in random order.
func runContacts(ctx context.Context, b *bench, round int) ([]took, error) {
	n := max(b.o.events/25, chunkEvents)
	var out []took
	err := b.withContacts(ctx, func(ctx context.Context, db database) error {
		first, err := b.takeContacts(ctx, db, contacts(round, 0, n), n)
		if err != nil {
			return err
		}
		b.say("contacts stand after %.2fs; laying down %d more as history", first.elapsed.Seconds(), (historyFactor-1)*n)
		for month := 1; month < historyFactor; month++ {
			if _, err := b.takeContacts(ctx, db, contacts(round, month, n), (month+1)*n); err != nil {
				return err
			}
		}
		last, err := b.takeContacts(ctx, db, contacts(round, historyFactor, n), (historyFactor+1)*n)
		out = []took{first, last}
		return err
	})
	if err != nil {
		return nil, err
	}
	err = b.withContacts(ctx, func(ctx context.Context, db database) error {
		shuffled := contacts(round, 0, n)
		rand.New(rand.NewPCG(uint64(round), 7)).Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		random, err := b.takeContacts(ctx, db, shuffled, n)
		out = append(out, random)
		return err
	})
	for i := range out {
		out[i].events = n
	}
	return out, err
}

// withContacts runs with an empty store and an empty topic of service events, and with the survey events passed over.
func (b *bench) withContacts(ctx context.Context, run func(context.Context, database) error) error {
	if err := b.forget(ctx); err != nil {
		return err
	}
	c, err := b.config()
	if err != nil {
		return err
	}
	if err := kafka.NewAdmin(b.kafka).EnsureTopics(ctx, c.Topics()); err != nil {
		return err
	}
	ends, err := b.admin.ListEndOffsets(ctx, schemas.TopicSurveyResponses)
	if err != nil {
		return err
	}
	if err := b.admin.CommitAllOffsets(ctx, app.GroupEvents, ends.Offsets()); err != nil {
		return fmt.Errorf("pass over the survey events: %w", err)
	}
	return errors.Join(b.withDatabase(ctx, run), b.forget(ctx))
}

// takeContacts publishes contacts while rapport is away and takes the time from its start until all outcomes, and the days' figures, stand.
func (b *bench) takeContacts(ctx context.Context, db database, msgs []kafka.Message, total int) (t took, err error) {
	p := kafka.NewProducer(b.kafka, kafka.ProducerOptions{Log: zerolog.Nop()})
	for chunk := range slices.Chunk(msgs, chunkEvents) {
		if err := p.Publish(ctx, chunk...); err != nil {
			return t, errors.Join(err, p.Close())
		}
	}
	if err := p.Close(); err != nil {
		return t, err
	}
	stop, err := b.startRapport(ctx, db)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	watch, err := b.assigned(ctx, app.GroupEvents, schemas.TopicServiceEvents)
	if err != nil {
		return t, err
	}
	if err := db.filled(ctx, "rapport_store.contact_outcomes FINAL", total); err != nil {
		return t, fmt.Errorf("outcomes: %w", err)
	}
	if err := b.drained(ctx, schemas.TopicServiceEvents); err != nil {
		return t, err
	}
	t = watch.take()
	live, err := db.number(ctx, "SELECT toUInt64(sum(offered)) FROM rapport.contact_daily")
	if err == nil && live != uint64(total) {
		err = fmt.Errorf("the figures count %d contacts of %d", live, total)
	}
	return t, err
}

// drained waits until nothing is left to do for a topic of events: each group in the order in which work passes on.
func (b *bench) drained(ctx context.Context, events string) error {
	for _, in := range []struct{ group, topic string }{
		{app.GroupEvents, events}, {app.GroupOutcomes, schemas.TopicStaleEntities}, {app.GroupRollups, schemas.TopicStaleDays},
	} {
		err := until(ctx, poll, func() (bool, error) {
			n, err := b.behind(ctx, in.group, in.topic)
			return n == 0, err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", in.group, err)
		}
	}
	return nil
}

// contacts are n contacts of one month, in order of time: issues of customers, of one to five contacts some days apart, as many new ones each month.
func contacts(round, month, n int) []kafka.Message {
	rng := rand.New(rand.NewPCG(uint64(round), uint64(month)))
	from := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, month, 0)
	type one struct {
		at  time.Time
		msg kafka.Message
	}
	all := make([]one, 0, n)
	for issue := 0; len(all) < n; issue++ {
		customer := fmt.Sprintf("customer-%d-%d", month, issue/2)
		at := from.Add(time.Duration(rng.Int64N(int64(30 * 24 * time.Hour))))
		for i := 1 + rng.IntN(5); i > 0 && len(all) < n; i-- {
			id := fmt.Sprintf("contact-%d-%d-%d", round, month, len(all))
			all = append(all, one{at, kafka.Message{Topic: schemas.TopicServiceEvents, Key: []byte(customer), Value: contactEvent(rng, id, customer, issue, at)}})
			at = at.Add(time.Duration(rng.ExpFloat64() * float64(5*24*time.Hour)))
		}
	}
	slices.SortFunc(all, func(a, b one) int { return a.at.Compare(b.at) })
	msgs := make([]kafka.Message, n)
	for i := range all {
		msgs[i] = all[i].msg
	}
	return msgs
}

func contactEvent(rng *rand.Rand, id, customer string, issue int, at time.Time) []byte {
	pick := func(what string, n int) string { return fmt.Sprintf("%s-%d", what, rng.IntN(n)) }
	text, err := json.Marshal(map[string]any{
		"specversion": "1.0", "id": id, "source": "/pbx", "type": schemas.TypeContact, "time": at.Format(time.RFC3339Nano),
		"data": map[string]any{
			"customer_id": customer, "issue": fmt.Sprintf("issue-%d", issue%2), "resolved": rng.IntN(10) > 1, "wait_seconds": rng.IntN(90), "talk_seconds": rng.IntN(600),
			"attributes": map[string]string{"region": pick("region", 8), "product": pick("product", 20), "channel": pick("channel", 4), "agent": pick("agent", 200)},
		},
	})
	if err != nil {
		panic(err) // text, numbers and booleans can be written
	}
	return text
}
