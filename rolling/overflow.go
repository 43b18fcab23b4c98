package rolling

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/rollups"
)

// Other is shown instead of the values of an attribute that are beyond the tenant's cap; OtherPair of a pair.
const (
	Other     = "other"
	OtherPair = `["other","other"]`
)

// overflows are the cuts of a tenant of which not all values are shown.
type overflows struct {
	// kept are the values that are shown, by cut.
	kept map[string]map[string]bool
	// values are how many values each cut has in all, as far as that was counted.
	values map[string]uint64
}

// show is the value under which a value counts. What is not stated stays so.
func (o overflows) show(cut, value string) string {
	kept, over := o.kept[cut]
	if !over || value == "" || kept[value] {
		return value
	}
	return otherOf(cut)
}

func otherOf(cut string) string {
	if strings.Contains(cut, ",") {
		return OtherPair
	}
	return Other
}

// shown reads the overflows of a tenant, nearly always none.
func (c *Computer) shown(ctx context.Context, tenant string) (o overflows, err error) {
	text, err := render("shown.sql", nil)
	if err != nil {
		return o, err
	}
	rows, err := c.o.Conn.Query(ctx, text+rollups.Pinned, clickhouse.Named("tenant", tenant))
	if err != nil {
		return o, fmt.Errorf("rolling: values shown of tenant %q: %w", tenant, err)
	}
	defer func() { err = cmp.Or(err, rows.Close()) }()
	o = overflows{map[string]map[string]bool{}, map[string]uint64{}}
	for rows.Next() {
		var cut string
		var values uint64
		var over uint8
		var kept []string
		if err := rows.Scan(&cut, &values, &over, &kept); err != nil {
			return o, fmt.Errorf("rolling: values shown of tenant %q: %w", tenant, err)
		}
		o.values[cut] = values
		if over == 0 {
			continue
		}
		o.kept[cut] = make(map[string]bool, len(kept))
		for _, v := range kept {
			o.kept[cut][v] = true
		}
	}
	return o, rows.Err()
}
