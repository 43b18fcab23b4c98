package oracle_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/oracle"
	"github.com/rapport-project/rapport/store"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

func TestLoadReadsWhatIsStored(t *testing.T) {
	g, err := generator.New(generator.Config{Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	want, err := oracle.Compute(generator.Accepted(g.Events(60)), oracle.Options{
		Tenants: map[string]oracle.Tenant{"default": {Pairs: [][2]string{{"region", "product"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := store.Open(store.Config{DSN: clickhousetest.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := store.Migrate(t.Context(), conn, zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
	put(t, conn, oracle.SatisfactionDays(), want.Satisfaction)
	put(t, conn, oracle.DimensionDays(), want.Dimensions)
	put(t, conn, oracle.ScoreDays(), want.Scores)
	put(t, conn, oracle.ReasonDays(), want.Reasons)

	got, err := oracle.Load(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	if ds := oracle.Compare(got, want.Rows()); ds != nil {
		t.Error(oracle.Report(ds))
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := oracle.Load(canceled, conn); err == nil {
		t.Error("a canceled load gave no error")
	}
}

// put stores rows as the rollups would.
func put(t *testing.T, conn driver.Conn, table oracle.Table, rows []oracle.Row) {
	t.Helper()
	columns := "tenant, cut, day, version"
	for _, name := range append(table.Keys, table.Measures...) {
		columns += ", `cells." + name + "`"
	}
	var values []string
	for _, r := range rows {
		fields := []string{quoted(r.Tenant), quoted(r.Cut), quoted(r.Day), "1"}
		for i := range table.Keys {
			var column []string
			for _, c := range r.Cells {
				column = append(column, quoted(c.Key[i]))
			}
			fields = append(fields, "["+strings.Join(column, ",")+"]")
		}
		for _, name := range table.Measures {
			var column []string
			for _, c := range r.Cells {
				column = append(column, c.Measure(name).String())
			}
			fields = append(fields, "["+strings.Join(column, ",")+"]")
		}
		values = append(values, "("+strings.Join(fields, ",")+")")
	}
	insert := fmt.Sprintf("INSERT INTO rapport_store.%s (%s) VALUES %s", table.Name, columns, strings.Join(values, ","))
	if err := conn.Exec(t.Context(), insert); err != nil {
		t.Fatalf("%v: %.300s", err, insert)
	}
}

func quoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
