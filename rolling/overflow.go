package rolling

import (
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

// overflows are the cuts of a tenant of which not all values are shown, with those that are.
type overflows map[string]map[string]bool

// show is the value under which a value counts. What is not stated stays so.
func (o overflows) show(cut, value string) string {
	kept, over := o[cut]
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
		return nil, err
	}
	rows, err := c.o.Conn.Query(ctx, text+rollups.Pinned, clickhouse.Named("tenant", tenant))
	if err != nil {
		return nil, fmt.Errorf("rolling: values shown of tenant %q: %w", tenant, err)
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	o = overflows{}
	for rows.Next() {
		var cut string
		var kept []string
		if err := rows.Scan(&cut, &kept); err != nil {
			return nil, fmt.Errorf("rolling: values shown of tenant %q: %w", tenant, err)
		}
		o[cut] = make(map[string]bool, len(kept))
		for _, v := range kept {
			o[cut][v] = true
		}
	}
	return o, rows.Err()
}
