package e2e

import (
	"context"
	"fmt"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// contactFigures are those of the calls as contacts: with no customer in the file, every call is a chain of its own.
func contactFigures(t *testing.T, conn driver.Conn) {
	t.Helper()
	figures(t, conn, "contacts", `SELECT toFloat64(sum(offered)), toFloat64(sum(answered)), 100 * sum(answered) / sum(offered), round(100 * sum(in_service_level) / sum(offered), 2), sum(wait_seconds_sum) / sum(wait_n)
		FROM rapport.contact_daily`, 5000, 4054, 81.08, 7.48, 67.5207)
	figures(t, conn, "resolution", `SELECT toFloat64(sum(contacts)), toFloat64(sum(first_contacts)), toFloat64(sum(resolved_first)), 100 * sum(resolved_first) / sum(fcr_n), 100 * sum(confirmed_resolved) / sum(confirmed_n)
		FROM rapport.fcr_daily`, 4054, 4054, 3646, 89.9359, 89.9359)
	figures(t, conn, "calls one by one", `SELECT toFloat64(countIf(resolved)), round(100 * countIf(resolved) / count(), 2), round(100 * countIf(answered AND wait_seconds <= 60) / count(), 2), toFloat64(countIf(fcr = 'yes')), toFloat64(countIf(excluded = 'abandoned'))
		FROM rapport.contacts`, 3646, 72.92, 35.92, 3646, 946)
	figures(t, conn, "calls by month", `SELECT toFloat64(sumIf(offered, toMonth(day) = 1)), toFloat64(sumIf(offered, toMonth(day) = 2)), toFloat64(sumIf(offered, toMonth(day) = 3)) FROM rapport.contact_daily`, 1772, 1616, 1612)
	figures(t, conn, "calls by cut", `SELECT toFloat64(sum(offered)), toFloat64(sum(resolved_first)), toFloat64(sum(fcr_n)) FROM rapport.contact_by_cut_daily WHERE cut = 'agent'`, 5000, 3646, 4054)
}

func complaintFigures(t *testing.T, conn driver.Conn) {
	t.Helper()
	figures(t, conn, "complaints", `SELECT toFloat64(sum(opened)), toFloat64(sum(timely_yes)), toFloat64(sum(timely_n)), 100 * sum(timely_yes) / sum(timely_n) FROM rapport.complaints_daily`, 62516, 58619, 58619+2403, 96.0621)
	figures(t, conn, "verdicts", `SELECT toFloat64(countIf(timely)), toFloat64(countIf(NOT timely)), toFloat64(countIf(timely IS NULL)) FROM rapport.complaints`, 58619, 2403, 1494)
	figures(t, conn, "days until received", `SELECT avg(days), quantileExactInclusive(0.5)(days), quantileExactInclusive(0.9)(days), quantileExactInclusive(0.95)(days), max(days)
		FROM (SELECT toFloat64(dateDiff('second', opened_at, acknowledged_at)) / 86400 AS days FROM rapport.complaints)`, 1.2249, 0, 2, 5, 275)
	for channel, want := range map[string]float64{"Web": 45423, "Referral": 10766, "Phone": 4684} {
		figures(t, conn, channel, fmt.Sprintf("SELECT toFloat64(sum(opened)) FROM rapport.complaints_by_cut_daily WHERE cut = 'channel' AND cut_value = '%s'", channel), want)
	}
	figures(t, conn, "products", `SELECT toFloat64(countIf(product = 'Checking or savings account')), toFloat64(countIf(product ILIKE 'credit card%')), toFloat64(countIf(product ILIKE 'credit reporting%')),
		toFloat64(countIf(product = 'Mortgage')), toFloat64(countIf(product ILIKE 'money transfer%')), toFloat64(countIf(product = 'Debt collection')) FROM rapport.complaints`, 24814, 16197, 7710, 6601, 3453, 2736)
	figures(t, conn, "months", `SELECT toFloat64(count()), max(n), argMax(month, n) FROM (SELECT toFloat64(toYYYYMM(day)) AS month, toFloat64(sum(opened)) AS n FROM rapport.complaints_daily GROUP BY month)`, 76, 1749, 202307)
}

func requestFigures(t *testing.T, conn driver.Conn) {
	t.Helper()
	figures(t, conn, "by a due time", `SELECT toFloat64(sum(on_time)), toFloat64(sum(on_time + late + overdue)), 100 * sum(on_time) / sum(on_time + late + overdue) FROM rapport.timeliness_daily WHERE milestone = 'resolved'`, 35591, 47270, 75.2930)
	figures(t, conn, "by cut", `SELECT toFloat64(sum(on_time)), toFloat64(sum(on_time + late + overdue)) FROM rapport.timeliness_by_cut_daily WHERE milestone = 'resolved' AND cut = ''`, 35591, 47270)
	figures(t, conn, "cases", `SELECT toFloat64(count()), toFloat64(countIf(closed_at IS NOT NULL)), toFloat64(countIf(closed_at IS NULL)),
		toFloat64(countIf(labels['on_time'] = 'ONTIME')), toFloat64(countIf(labels['on_time'] = 'OVERDUE')), toFloat64(countIf(labels['on_time'] = '')), toFloat64(countIf(resolved_due IS NULL)),
		toFloat64(countIf(resolved_due IS NULL AND labels['on_time'] != 'ONTIME'))
		FROM rapport.cases`, 58251, 54570, 3681, 46572, 11521, 158, 10981, 0)
	figures(t, conn, "the city's own verdict", `SELECT 100 * countIf(labels['on_time'] = 'ONTIME') / countIf(labels['on_time'] != ''),
		toFloat64(countIf(labels['on_time'] != '' AND closed_at IS NOT NULL AND resolved_due IS NOT NULL AND (labels['on_time'] = 'ONTIME') != resolved_on_time)) FROM rapport.cases`, 80.1680, 0)
	figures(t, conn, "hours", `SELECT quantileExactInclusive(0.5)(resolution_seconds) / 3600, quantileExactInclusive(0.9)(resolution_seconds) / 3600, avg(resolution_seconds) / 3600 FROM rapport.cases`, 22.1764, 1899.8494, 993.5984)
	for channel, want := range map[string]float64{"Constituent Call": 69.7377, "Self Service": 86.1878, "Citizens Connect App": 76.1966, "Employee Generated": 94.5453} {
		figures(t, conn, channel, fmt.Sprintf("SELECT 100 * countIf(labels['on_time'] = 'ONTIME') / countIf(labels['on_time'] != '') FROM rapport.cases WHERE channel = '%s'", channel), want)
	}
}

// TestImportGivesTheFiguresOfService: calls, complaints and service requests that others made give the figures of the data's own page from the views.
func TestImportGivesTheFiguresOfService(t *testing.T) {
	calls, complaints, requests := dataFile(t, "call_center_dataset.csv.gz"), dataFile(t, "boa_consumer_complaints_2017_2023.csv.gz"), dataFile(t, "boston311_2011h2.csv.gz")
	s := New(t, rapport, "CONFIG_DIR="+example(t, "config"))
	s.Up()
	conn := s.Conn()
	s.imports("", "call_center.yaml", calls)
	s.imports("", "cfpb.yaml", complaints)
	s.imports("", "boston311.yaml", requests)
	contactFigures(t, conn)
	complaintFigures(t, conn)
	requestFigures(t, conn)
	var mismatches uint64
	if err := conn.QueryRow(context.Background(), "SELECT count() FROM rapport_store.audit_mismatches").Scan(&mismatches); err != nil || mismatches > 0 {
		t.Error(mismatches, "mismatches", err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}
