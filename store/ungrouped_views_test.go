package store

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// A tenant with millions of responses has a row for each in satisfaction_daily: the one that its combination of attributes had alone, to the bit.
func TestTenantsWithVeryManyResponsesAreNotGrouped(t *testing.T) {
	ctx, conn := context.Background(), migrated(t)
	var b sinks.Batch
	for i := range 24 {
		r := response(fmt.Sprint(i), int16(1+i%10))
		r.Agent, r.Region = fmt.Sprint("agent ", i), fmt.Sprint("region ", i%2)
		r.IndexNum, r.IndexDen = int64(i*13), 3
		switch i % 5 {
		case 0:
			r.Level = []string{"very_satisfied", "satisfied", "neutral", "dissatisfied", "very_dissatisfied"}[i/5]
		case 1:
			r.NPS = ptr(int8(i % 11))
		case 2:
			r.CES = ptr(int8(1 + i%7))
		case 3:
			r.IndexNum, r.IndexDen, r.Level = 0, 0, ""
		case 4:
			r.Valid, r.IndexNum, r.IndexDen, r.Level, r.NPS, r.CES = false, 0, 0, "", ptr(int8(9)), ptr(int8(7))
		}
		b.Responses = append(b.Responses, r)
		r.Tenant = "small"
		b.Responses = append(b.Responses, r)
		if i > 20 {
			r.Agent = ""
			r.ID += " again"
			b.Responses = append(b.Responses, r)
		}
	}
	write(t, conn, b)
	const all, sums = "SELECT toString(tuple(*)) FROM rapport.satisfaction_daily ORDER BY 1",
		"SELECT toString((tenant, day, region, sum(n), sum(n_invalid), sum(index_n), round(sum(index_sum), 9), sum(satisfied_n), sum(nps_n), sum(promoters), sum(passives), sum(detractors), sum(ces_n), sum(ces_sum))) " +
			"FROM rapport.satisfaction_daily GROUP BY tenant, day, region ORDER BY 1"
	grouped, groupedSums := column[string](t, conn, all), column[string](t, conn, sums)
	if len(grouped) != 24+26 {
		t.Fatalf("%d rows: %v", len(grouped), grouped)
	}
	// The rollups of tenant t say that it has very many.
	if err := conn.Exec(ctx, "INSERT INTO rapport_store.satisfaction_days (tenant, cut, day, version, `cells.n`) VALUES ('t', '', '2026-03-01', 1, [1500000, 500001]), ('small', '', '2026-03-01', 1, [1500000, 500000])"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"t"}, column[string](t, conn, "SELECT toString(tenant) FROM rapport_store.tenants_ungrouped")); diff != "" {
		t.Fatal(diff)
	}
	if diff := cmp.Diff(grouped, column[string](t, conn, all)); diff != "" {
		t.Errorf("rows of combinations that come up once (-grouped +ungrouped):\n%s", diff)
	}
	if diff := cmp.Diff(groupedSums, column[string](t, conn, sums)); diff != "" {
		t.Errorf("sums (-grouped +ungrouped):\n%s", diff)
	}
	again := b.Responses[0]
	again.ID = "again"
	write(t, conn, sinks.Batch{Responses: []schemas.SurveyFact{again}})
	if diff := cmp.Diff([]string{"(1,2)"}, rowsOf(t, conn, "max(n), count()", "rapport.satisfaction_daily WHERE tenant = 't' AND agent = 'agent 0'")); diff != "" {
		t.Errorf("a combination that came up again (-want +got):\n%s", diff)
	}
}
