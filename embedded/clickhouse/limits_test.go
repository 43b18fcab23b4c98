package clickhouse_test

import (
	"errors"
	"strings"
	"testing"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/embedded/clickhouse"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

// A query over the memory limit is an error of that query; the engine goes on.
func TestMemoryLimit(t *testing.T) {
	s := clickhousetest.StartSupervisor(t, clickhouse.Options{DataDir: t.TempDir(), Config: clickhouse.Config{MemoryMiB: 600}})
	conn := open(t, s.DSN(), nil)
	pid := s.PID()
	err := conn.Exec(t.Context(), "SELECT length(groupArray(toString(number))) FROM numbers(100000000) SETTINGS max_memory_usage = 0")
	var server *driver.Exception
	if !errors.As(err, &server) || server.Code != 241 {
		t.Errorf("query over the limit: %v", err)
	}
	if got := scan[uint8](t, conn, "SELECT 1"); got != 1 || s.PID() != pid {
		t.Errorf("the engine did not survive: %d", got)
	}
}

// Columns that say amid the data what they hold are rewritten for the driver as well.
func TestSemistructured(t *testing.T) {
	conn := open(t, clickhousetest.Start(t), nil)
	for query, want := range map[string][]string{
		"SELECT toString(x), x FROM (SELECT arrayJoin([1::Variant(UInt8, String), 'a'::Variant(UInt8, String), NULL]) AS x)": {"1", "a", ""},
		"SELECT toString(x), x FROM (SELECT arrayJoin([1::Dynamic, 'a'::Dynamic, [1]::Dynamic, NULL::Dynamic]) AS x)":        {"1", "a", "[1]", ""},
		`SELECT toString(x), x FROM (SELECT arrayJoin(['{"a":{"b":1},"c":["x"]}'::JSON(t UInt8), '{"t":3}'::JSON(t UInt8)]) AS x)`: {
			`{"a":{"b":1},"c":["x"],"t":0}`, `{"t":3}`,
		},
	} {
		rows, err := conn.Query(t.Context(), query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		var got []string
		for rows.Next() {
			var s *string
			var dest any
			switch typeName := rows.ColumnTypes()[1].DatabaseTypeName(); {
			case strings.HasPrefix(typeName, "Variant"):
				dest = new(driver.Variant)
			case strings.HasPrefix(typeName, "Dynamic"):
				dest = new(driver.Dynamic)
			default:
				dest = driver.NewJSON()
			}
			if err := rows.Scan(&s, dest); err != nil {
				t.Errorf("%s: %v", query, err)
				break
			}
			if s == nil {
				s = new(string)
			}
			got = append(got, *s)
		}
		if err := rows.Err(); err != nil {
			t.Errorf("%s: %v", query, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}
