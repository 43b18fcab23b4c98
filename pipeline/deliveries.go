package pipeline

import (
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// deliveries folds accepted records into sets of offsets by who sent them and how late they were.
type deliveries struct {
	rows []schemas.Delivery
	at   map[delivery]int
}

// delivery is what tells the rows of a batch apart, which are of one partition.
type delivery struct {
	tenant, source, kind string
	within               uint32
	block                int64
}

func (d *deliveries) add(m *kafka.Message, e *schemas.Event) {
	late := m.Time.Sub(e.Time)
	k := delivery{e.Tenant, e.Source, string(e.Type), schemas.LatenessClass(late), m.Offset / schemas.DeliveryBlock}
	i, ok := d.at[k]
	if !ok {
		if d.at == nil {
			d.at = map[delivery]int{}
		}
		i = len(d.rows)
		d.at[k] = i
		d.rows = append(d.rows, schemas.Delivery{
			Tenant: k.tenant, Source: k.source, Type: k.kind, Within: k.within, Topic: m.Topic, Partition: int32(m.Partition), Block: k.block,
			Latest: late.Microseconds(),
		})
	}
	row := &d.rows[i]
	within := uint16(m.Offset % schemas.DeliveryBlock)
	row.Records = append(row.Records, within)
	if e.Unknown > 0 {
		row.Strange = append(row.Strange, within)
	}
	row.Latest = max(row.Latest, late.Microseconds())
}
