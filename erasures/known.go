package erasures

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// place is where a record is.
type place struct {
	topic     string
	partition int32
	offset    int64
}

// Known is what of a batch was erased, and which of its refused records were purged. Its methods may be called on nil, by which nothing was.
type Known struct {
	events map[Hash]bool
	places map[place]string // with the tenant that the row still shows
	purged map[place]bool
}

// Empty says whether nothing of the batch was erased or purged.
func (k *Known) Empty() bool {
	return k == nil || len(k.events) == 0 && len(k.places) == 0 && len(k.purged) == 0
}

// Event says whether the event was erased.
func (k *Known) Event(tenant, source, id string) bool {
	return k != nil && len(k.events) > 0 && k.events[HashOf(tenant, source, id)]
}

// Content says whether a refused record without an id, of this key and value, was erased.
func (k *Known) Content(key, value string) bool {
	c := contentOf(key, value)
	return k.Event(c.tenant, c.source, c.id)
}

// Record says whether what a record held was erased, and under which tenant it is still counted.
func (k *Known) Record(topic string, partition int32, offset int64) (tenant string, erased bool) {
	if k == nil {
		return "", false
	}
	tenant, erased = k.places[place{topic, partition, offset}]
	return tenant, erased
}

// Purged says whether the content of a refused record was removed, as package deadletters notes it.
func (k *Known) Purged(topic string, partition int32, offset int64) bool {
	return k != nil && k.purged[place{topic, partition, offset}]
}

// Finder asks the store what was erased or purged.
type Finder struct {
	Conn driver.Conn
	// DefaultTenant owns refused records that name none.
	DefaultTenant string
}

// identity of an event whose hash is asked for.
type identity struct{ tenant, source, id string }

// contentOf is what a record without an id is known by.
func contentOf(key, value string) identity { return identity{id: part(key) + value} }

// events is how many there are in a batch.
func events(b sinks.Batch) int {
	return b.ResponseBlock.Len() + len(b.Responses) + len(b.Invitations) + len(b.Contacts) + len(b.Milestones) + len(b.Complaints) + len(b.Late) + len(b.DeadLetters)
}

// identitiesOf are the events of a batch.
func (f Finder) identitiesOf(b sinks.Batch) []identity {
	ids := make([]identity, 0, events(b))
	fact := func(i schemas.Identity) { ids = append(ids, identity{i.Tenant, i.Source, i.ID}) }
	for i := range b.Responses {
		fact(b.Responses[i].Identity)
	}
	for event := range b.ResponseBlock.Events() {
		ids = append(ids, identity{event[0], event[1], event[2]})
	}
	for i := range b.Invitations {
		fact(b.Invitations[i].Identity)
	}
	for i := range b.Contacts {
		fact(b.Contacts[i].Identity)
	}
	for i := range b.Milestones {
		fact(b.Milestones[i].Identity)
	}
	for i := range b.Complaints {
		fact(b.Complaints[i].Identity)
	}
	for i := range b.Late {
		ids = append(ids, identity{b.Late[i].Tenant, b.Late[i].Source, b.Late[i].ID})
	}
	for i := range b.DeadLetters {
		if b.DeadLetters[i].ID == "" {
			ids = append(ids, contentOf(b.DeadLetters[i].Key, b.DeadLetters[i].Value))
		} else {
			ids = append(ids, identity{cmp.Or(b.DeadLetters[i].Tenant, f.DefaultTenant), b.DeadLetters[i].Source, b.DeadLetters[i].ID})
		}
	}
	return ids
}

// placesOf are the records of a batch whose rows name their place.
func placesOf(b sinks.Batch) []place {
	var places []place
	for i := range b.Late {
		places = append(places, place{b.Late[i].Topic, b.Late[i].Partition, b.Late[i].Offset})
	}
	for i := range b.DeadLetters {
		places = append(places, place{b.DeadLetters[i].Topic, b.DeadLetters[i].Partition, b.DeadLetters[i].Offset})
	}
	return places
}

// Find says what of a batch was erased or purged; nil is nothing. It is asked for each batch, just before that is written: what a process
// remembered would be old, and as large as a tenant.
func (f Finder) Find(ctx context.Context, b sinks.Batch) (*Known, error) {
	facts, places := events(b), placesOf(b)
	if facts+len(places) == 0 {
		return nil, nil
	}
	var erased, rows, noted uint64
	if err := f.Conn.QueryRow(ctx, plain("asked.sql")).Scan(&erased, &rows, &noted); err != nil {
		return nil, fmt.Errorf("erasures: is there any: %w", err)
	}
	k := &Known{events: map[Hash]bool{}, places: map[place]string{}, purged: map[place]bool{}}
	if erased > 0 && facts > 0 {
		if err := k.findEvents(ctx, f.Conn, f.identitiesOf(b)); err != nil {
			return nil, err
		}
	}
	if rows > 0 && len(places) > 0 {
		if err := k.findPlaces(ctx, f.Conn, places); err != nil {
			return nil, err
		}
	}
	if noted > 0 && len(b.DeadLetters) > 0 {
		if err := k.findPurged(ctx, f.Conn, placesOf(sinks.Batch{DeadLetters: b.DeadLetters})); err != nil {
			return nil, err
		}
	}
	if k.Empty() {
		return nil, nil
	}
	return k, nil
}

func (k *Known) findEvents(ctx context.Context, conn driver.Conn, ids []identity) error {
	t, err := ext.NewTable("wanted", ext.Column("tenant", "String"), ext.Column("event", "String"))
	if err != nil {
		return fmt.Errorf("erasures: table of events: %w", err)
	}
	for _, i := range ids {
		h := HashOf(i.tenant, i.source, i.id)
		if err := t.Append(i.tenant, string(h[:])); err != nil {
			return fmt.Errorf("erasures: table of events: %w", err)
		}
	}
	return each(clickhouse.Context(ctx, clickhouse.WithExternalTable(t)), conn, plain("known_events.sql"), func(scan func(...any) error) error {
		var event string
		if err := scan(&event); err != nil {
			return err
		}
		raw, err := hex.DecodeString(event)
		if err != nil || len(raw) != len(Hash{}) {
			return fmt.Errorf("%q is no hash", event)
		}
		k.events[Hash(raw)] = true
		return nil
	})
}

func (k *Known) findPlaces(ctx context.Context, conn driver.Conn, places []place) error {
	ctx, err := wanted(ctx, places)
	if err != nil {
		return err
	}
	return each(ctx, conn, plain("known_places.sql"), func(scan func(...any) error) error {
		var p place
		var tenant string
		if err := scan(&p.topic, &p.partition, &p.offset, &tenant); err != nil {
			return err
		}
		k.places[p] = tenant
		return nil
	})
}

func (k *Known) findPurged(ctx context.Context, conn driver.Conn, places []place) error {
	ctx, err := wanted(ctx, places)
	if err != nil {
		return err
	}
	return each(ctx, conn, plain("known_purged.sql"), func(scan func(...any) error) error {
		var p place
		err := scan(&p.topic, &p.partition, &p.offset)
		k.purged[p] = true
		return err
	})
}

// wanted sends places along with a query, as a table.
func wanted(ctx context.Context, places []place) (context.Context, error) {
	t, err := ext.NewTable("wanted", ext.Column("topic", "String"), ext.Column("partition", "Int32"), ext.Column("offset", "Int64"))
	if err != nil {
		return nil, fmt.Errorf("erasures: table of records: %w", err)
	}
	for _, p := range places {
		if err := t.Append(p.topic, p.partition, p.offset); err != nil {
			return nil, fmt.Errorf("erasures: table of records: %w", err)
		}
	}
	return clickhouse.Context(ctx, clickhouse.WithExternalTable(t)), nil
}
