package main

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"
)

// split samples what ClickHouse works on (a trial's tool).
func split(ctx context.Context, db database, say func(string, ...any)) {
	type one struct {
		text string
		us   uint64
	}
	seen := map[string]one{}
	for ctx.Err() == nil {
		rows, err := db.conn.Query(ctx, "SELECT query_id, replaceRegexpAll(substring(query,1,4000), '\\\\s+', ' '), ProfileEvents['OSCPUVirtualTimeMicroseconds'] FROM system.processes")
		if err != nil {
			break
		}
		for rows.Next() {
			var id, text string
			var us uint64
			_ = rows.Scan(&id, &text, &us)
			seen[id] = one{text, us}
		}
		_ = rows.Close()
		time.Sleep(15 * time.Millisecond)
	}
	sums, counts := map[string]uint64{}, map[string]int{}
	for _, o := range seen {
		t := o.text
		k := t[:min(len(t), 60)]
		if i := strings.Index(t, "FROM rapport_store."); i >= 0 {
			k += " … " + t[i:min(len(t), i+60)]
		}
		if strings.Contains(t, "bounds") { k = "SPANS " + k }
		sums[k] += o.us
		counts[k]++
	}
	var ks []string
	for k := range sums { ks = append(ks, k) }
	sort.Slice(ks, func(i, j int) bool { return sums[ks[i]] > sums[ks[j]] })
	for _, k := range ks[:min(25, len(ks))] {
		say("split %8.2fs %5d %s", float64(sums[k])/1e6, counts[k], k)
	}
	_ = fmt.Sprint
}
