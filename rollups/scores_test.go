package rollups

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
)

func p16(x int16) *int16 { return &x }

// TestScoresAndReasons: what is filled in for a missing answer, an answer without score, an invalid response and a reason named twice.
func TestScoresAndReasons(t *testing.T) {
	r := newRig(t, fakeSettings{})
	noon := at(t, "2026-05-04T12:00:00Z")
	answered := func(id string, scores []*int16, reasons [][]string) schemas.SurveyFact {
		f := response("t", id, noon, 80)
		f.AnswerItem, f.AnswerDimension, f.AnswerScore, f.AnswerReasons = []string{"i1", "i2", "j1"}, []string{"d1", "d1", "d2"}, scores, reasons
		f.AnswerExpectation, f.AnswerImportance, f.AnswerComment = make([]*int16, 3), make([]*int16, 3), make([]string, 3)
		return f
	}
	invalid := answered("3", []*int16{p16(1), nil, nil}, [][]string{{"late"}, nil, nil})
	invalid.Valid = false
	taken := answered("4", []*int16{p16(1), p16(1), p16(1)}, [][]string{{"late"}, nil, nil})
	taken.Retracted = true
	r.write(
		answered("1", []*int16{p16(-2), p16(10), nil}, [][]string{{"late", "parts", "late"}, nil, {"parts"}}),
		answered("2", []*int16{p16(-2), p16(9), p16(10)}, [][]string{{"late"}, {"parts"}, nil}),
		invalid, taken,
	)
	r.recompute(1, schemas.Day{Tenant: "t", Date: "2026-05-04"})
	const key = "\x00q\x001\x00customer\x00"
	want := map[string][]string{
		ScoreDays:  {key + "d1\x00i1\x00-2\x002", key + "d1\x00i2\x0010\x001", key + "d1\x00i2\x009\x001", key + "d2\x00j1\x0010\x001"},
		ReasonDays: {key + "d1\x00late\x00-2\x002", key + "d1\x00parts\x00-2\x001", key + "d1\x00parts\x009\x001"},
	}
	stored := r.stored()
	for table, lines := range want {
		if diff := cmp.Diff(lines, stored[rowKey{table, "t", "", "2026-05-04"}]); diff != "" {
			t.Errorf("%s (-want +stored):\n%s", table, diff)
		}
	}
}

// BenchmarkRecomputeAnswers is a day of 10,000 responses of five answers, by twelve cuts, each table by itself.
func BenchmarkRecomputeAnswers(b *testing.B) {
	settings := fakeSettings{}
	tenant := settings.For("t")
	tenant.Cuts = [][2]string{{"region", "product"}, {"region", "agent"}, {"product", "channel"}, {"org_unit", "service"}}
	settings["t"] = tenant
	r := newRig(b, settings)
	r.exec(`INSERT INTO rapport_store.survey_facts (tenant, hour, source, id, revision, payload, retracted, occurred_at, questionnaire, questionnaire_version, role,
			region, org_unit, product, service, channel, segment, agent, valid, index_num, index_den, level,
			answers.item, answers.dimension, answers.score, answers.expectation, answers.importance, answers.reasons, answers.comment, dimensions.dimension, dimensions.num, dimensions.den)
		WITH ['skill', 'attitude', 'timeliness', 'parts', 'overall'] AS items, arrayMap((x, i) -> toInt16(10 - cityHash64(number, i) % 6), items, arrayEnumerate(items)) AS scores
		SELECT 't', toStartOfHour(at), 's', toString(number), 0, number, false, toDateTime64('2026-01-01 00:00:00', 6, 'UTC') + toIntervalSecond(number * 8) AS at, 'after-sales-10', '1', 'customer',
			'region' || toString(cityHash64(number, 'r') % 5), 'unit' || toString(cityHash64(number, 'u') % 30), 'product' || toString(cityHash64(number, 'p') % 20), 'service' || toString(number % 4),
			'channel' || toString(number % 5), 'segment' || toString(number % 3), 'agent' || toString(cityHash64(number, 'a') % 200), true, arraySum(scores) * 2, 1, 'satisfied',
			items, items, scores, arrayMap(x -> NULL, items), arrayMap(x -> NULL, items), arrayMap((x, s) -> if(s < 7, [x || '_late'], []), items, scores), arrayMap(x -> '', items),
			items, arrayMap(s -> s * 10, scores), arrayMap(x -> 1, items) FROM numbers(10800 * 7)`)
	for _, table := range families()[0].Tables {
		b.Run(table, func(b *testing.B) {
			groups, err := r.recomputer.group([]schemas.Day{{Tenant: "t", Date: time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)}})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := r.recomputer.exec(b.Context(), groups[0].sql.insert[table], groups[0].parameters([]string{"1"})); err != nil {
					b.Fatal(err)
				}
			}
			var cells, bytes uint64
			if err := r.conn.QueryRow(b.Context(), "SELECT sum(length(`cells.n`)) FROM rapport_store."+table+" FINAL").Scan(&cells); err != nil {
				b.Fatal(err)
			}
			r.exec("OPTIMIZE TABLE rapport_store." + table + " FINAL")
			if err := r.conn.QueryRow(b.Context(), "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = '"+table+"'").Scan(&bytes); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(cells), "cells")
			b.ReportMetric(float64(bytes), "B/day")
		})
	}
}
