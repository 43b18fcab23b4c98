package pipeline

import (
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// deliveries folds accepted records into sets of offsets by who sent them and how late they were.
type deliveries struct {
	rows []schemas.Delivery
	at   map[delivery]int
	// last are the rows that records of each class of lateness went to last, so most likely go to next.
	last [lastRows]int
}

// lastRows is a power of 2, about as many as there are classes of lateness.
const lastRows = 32

// delivery is what tells the rows of a batch apart, which are of one partition.
type delivery struct {
	tenant, source, kind string
	within               uint32
	block                int64
}

func (d *deliveries) add(m *kafka.Message, e *schemas.Event) {
	late := m.Time.Sub(e.Time)
	k := delivery{e.Tenant, e.Source, string(e.Type), schemas.LatenessClass(late), m.Offset / schemas.DeliveryBlock}
	last := &d.last[k.within*0x9E3779B1>>27]
	if *last >= len(d.rows) || !k.is(&d.rows[*last]) {
		*last = d.row(k, m)
	}
	row := &d.rows[*last]
	within := uint16(m.Offset % schemas.DeliveryBlock)
	row.Records = append(row.Records, within)
	if e.Unknown > 0 {
		row.Strange = append(row.Strange, within)
	}
	row.Latest = max(row.Latest, late.Microseconds())
}

func (k *delivery) is(r *schemas.Delivery) bool {
	return k.within == r.Within && k.block == r.Block && k.kind == r.Type && k.tenant == r.Tenant && k.source == r.Source
}

// row finds the row of a key, or begins it.
func (d *deliveries) row(k delivery, m *kafka.Message) int {
	i, ok := d.at[k]
	if !ok {
		if d.at == nil {
			d.at = map[delivery]int{}
		}
		i = len(d.rows)
		d.at[k] = i
		if i < cap(d.rows) {
			d.rows = d.rows[:i+1]
		} else {
			d.rows = append(d.rows, schemas.Delivery{})
		}
		row := &d.rows[i]
		*row = schemas.Delivery{
			Tenant: k.tenant, Source: k.source, Type: k.kind, Within: k.within, Topic: m.Topic, Partition: int32(m.Partition), Block: k.block,
			Records: row.Records[:0], Strange: row.Strange[:0], Latest: -1 << 63,
		}
	}
	return i
}

// clear takes the rows back, and keeps the room of their offsets.
func (d *deliveries) clear() {
	for i := range d.rows {
		d.rows[i] = schemas.Delivery{Records: d.rows[i].Records, Strange: d.rows[i].Strange}
	}
	d.rows, d.at, d.last = d.rows[:0], nil, [lastRows]int{}
}
