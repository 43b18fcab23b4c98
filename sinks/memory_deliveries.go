package sinks

import (
	"cmp"
	"maps"
	"slices"

	"github.com/rapport-project/rapport/schemas"
)

// deliveryKey is what tells the rows of deliveries apart.
type deliveryKey struct {
	tenant, source, kind string
	within               uint32
	topic                string
	partition            int32
	block                int64
}

// delivered are sets, as in ClickHouse.
type delivered struct {
	records, strange map[uint16]bool
	latest           int64
}

func (m *Memory) deliver(rows []schemas.Delivery) {
	for _, r := range rows {
		k := deliveryKey{r.Tenant, r.Source, r.Type, r.Within, r.Topic, r.Partition, r.Block}
		d, ok := m.deliveries[k]
		if !ok {
			d = &delivered{records: map[uint16]bool{}, strange: map[uint16]bool{}, latest: r.Latest}
			m.deliveries[k] = d
		}
		for _, o := range r.Records {
			d.records[o] = true
		}
		for _, o := range r.Strange {
			d.strange[o] = true
		}
		d.latest = max(d.latest, r.Latest)
	}
}

func (m *Memory) delivered() []schemas.Delivery {
	var out []schemas.Delivery
	for k, d := range m.deliveries {
		out = append(out, schemas.Delivery{
			Tenant: k.tenant, Source: k.source, Type: k.kind, Within: k.within, Topic: k.topic, Partition: k.partition, Block: k.block,
			Records: slices.Sorted(maps.Keys(d.records)), Strange: slices.Sorted(maps.Keys(d.strange)), Latest: d.latest,
		})
	}
	slices.SortFunc(out, func(a, b schemas.Delivery) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Within, b.Within),
			cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Block, b.Block))
	})
	return out
}
