package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/rapport-project/rapport/bench/events"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/schemas"
)

// contactShare is how many survey events there are for one contact.
const contactShare = 5

// runContacts measures contacts that came while rapport was away: from its start until their facts, their outcomes and the days' figures stand.
func runContacts(ctx context.Context, b *bench, _ int) (out []took, err error) {
	if err := b.forget(ctx); err != nil {
		return nil, err
	}
	err = b.withDatabase(ctx, func(ctx context.Context, db database) error {
		t, err := b.takeContacts(ctx, db, b.feed.Len)
		out = []took{t}
		if err != nil {
			return err
		}
		return b.checkFacts(ctx, db, "rapport_store.contact_facts", b.feed.Len)
	})
	return out, err
}

// historyFactor is how many times the contacts measured lie before them in the run with a history.
const historyFactor = 10

// runContactsLater measures contacts after ten times as many, and contacts in random order, a tenth of those of the feed each; on a broker of their own.
func runContactsLater(ctx context.Context, b *bench, _ int) ([]took, error) {
	n := b.o.events / contactShare / historyFactor
	var out []took
	for _, turn := range []struct {
		before  int // contacts of a month each, that stand already
		measure events.Feed
	}{{historyFactor, events.ContactsOf(historyFactor, n)}, {0, events.Shuffled(events.Contacts(n))}} {
		var t took
		err := b.withDatabase(ctx, func(ctx context.Context, db database) error {
			for month := range turn.before {
				if err := b.publishContacts(ctx, events.ContactsOf(month, n)); err != nil {
					return err
				}
			}
			if turn.before > 0 {
				if _, err := b.takeContacts(ctx, db, turn.before*n); err != nil {
					return err
				}
			}
			err := b.publishContacts(ctx, turn.measure)
			if err == nil {
				t, err = b.takeContacts(ctx, db, (turn.before+1)*n)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		t.events, t.eventBytes = n, b.eventBytes
		out = append(out, t)
		if err := errors.Join(b.forget(ctx), b.anew(ctx, schemas.TopicServiceEvents)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (b *bench) publishContacts(ctx context.Context, f events.Feed) error {
	bytes, err := publish(ctx, b.kafka, f, func(int) {})
	b.eventBytes = int(bytes) / f.Len
	return err
}

// takeContacts takes the time of what is on the topic of service events, after which so many contacts stand in all.
func (b *bench) takeContacts(ctx context.Context, db database, total int) (t took, err error) {
	p, err := b.startRapport(db)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	watch, err := b.joined(ctx, app.GroupEvents)
	if err != nil {
		return t, err
	}
	if err := b.drained(ctx, schemas.TopicServiceEvents); err != nil {
		return t, err
	}
	t = watch.take()
	stand, err := db.number(ctx, "SELECT count() FROM rapport_store.contact_outcomes FINAL")
	if err == nil && stand != uint64(total) {
		err = fmt.Errorf("outcomes: %d of %d contacts", stand, total)
	}
	if err != nil {
		return t, err
	}
	live, err := db.number(ctx, "SELECT toUInt64(sum(offered)) FROM rapport.contact_daily")
	if err == nil && live != uint64(total) {
		err = fmt.Errorf("the figures count %d contacts of %d", live, total)
	}
	return t, err
}
