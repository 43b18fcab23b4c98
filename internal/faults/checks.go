package faults

import (
	"context"
	"encoding/binary"
	"iter"
	"time"
)

// offsets are those in a run of record batches: each begins with its first offset and its length, and says how many there are.
func offsets(batches []byte) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for len(batches) >= 61 {
			base := int64(binary.BigEndian.Uint64(batches))
			length := int(binary.BigEndian.Uint32(batches[8:]))
			last := int64(binary.BigEndian.Uint32(batches[23:]))
			for o := base; o <= base+last; o++ {
				if !yield(o) {
					return
				}
			}
			if length < 0 || 12+length > len(batches) {
				return
			}
			batches = batches[12+length:]
		}
	}
}

// factTables hold what was accepted.
var factTables = []string{"survey_facts", "invitation_facts", "contact_facts", "milestone_facts", "complaint_facts"}

// key of an event.
type key struct{ tenant, source, id string }

// lost counts acknowledged events that are not stored, and complains of stored ones that were never sent.
func (x *Trial) lost() int {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn := x.Direct.Conn()
	stored := map[key]bool{}
	for _, table := range factTables {
		rows, err := conn.Query(ctx, "SELECT tenant, source, id FROM rapport_store."+table+" GROUP BY tenant, source, id")
		if err != nil {
			x.t.Fatal(err)
		}
		for rows.Next() {
			var k key
			if err := rows.Scan(&k.tenant, &k.source, &k.id); err != nil {
				x.t.Fatal(err)
			}
			stored[k] = true
		}
		if err := rows.Err(); err != nil {
			x.t.Fatal(err)
		}
	}
	missing := 0
	for _, e := range x.events {
		k := key{e.Tenant, e.Source, e.ID}
		if has, known := stored[k]; !known {
			missing++
		} else if has {
			stored[k] = false
		}
	}
	for k, unsent := range stored {
		if unsent {
			x.t.Errorf("%v is stored and was never sent", k)
		}
	}
	return missing
}

// letters holds the dead letters against the planted poison.
func (x *Trial) letters() {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	planted := map[string]int{}
	for _, e := range x.poison {
		planted[string(e.Value)]++
	}
	rows, err := x.Direct.Conn().Query(ctx, "SELECT value, reason FROM rapport.dead_letters")
	if err != nil {
		x.t.Fatal(err)
	}
	found := map[string]bool{}
	for rows.Next() {
		var value, reason string
		if err := rows.Scan(&value, &reason); err != nil {
			x.t.Fatal(err)
		}
		if planted[value] == 0 {
			x.t.Errorf("a dead letter that is no planted poison: %s %.200s", reason, value)
		}
		found[value] = true
	}
	if err := rows.Err(); err != nil {
		x.t.Fatal(err)
	}
	if len(found) != len(planted) {
		x.t.Errorf("%d kinds of dead letters, want the %d that were planted", len(found), len(planted))
	}
}

// identity checks that every offset is accounted for.
func (x *Trial) identity() {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var received, off, gaps int64
	err := x.Direct.Conn().QueryRow(ctx, "SELECT toInt64(sum(received)), toInt64(sum(abs(unexplained))), toInt64(sum(gaps)) FROM rapport.data_quality").Scan(&received, &off, &gaps)
	if err != nil {
		x.t.Fatal(err)
	}
	if off != 0 {
		x.t.Errorf("the accounting does not add up: %d offsets received, off by %d", received, off)
	}
	if gaps != x.gone {
		x.t.Errorf("%d offsets are reported as gone, want the %d that were deleted", gaps, x.gone)
	}
	if received+x.gone < int64(x.acked) {
		x.t.Errorf("%d offsets received of at least %d", received, x.acked)
	}
}
