package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// inCompany is a tenant of Shanghai, whose day begins at 16:00 UTC.
func inCompany(t *testing.T) driver.Conn {
	t.Helper()
	conn := migrated(t)
	if err := conn.Exec(context.Background(), `INSERT INTO rapport_store.tenants (tenant, time_zone, epoch, complaint_age_days) VALUES ('t', 'Asia/Shanghai', 1, [2, 10])`); err != nil {
		t.Fatal(err)
	}
	return conn
}

func expect(t *testing.T, conn driver.Conn, columns, rest string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, rowsOf(t, conn, columns, rest)); diff != "" {
		t.Errorf("%s of %s (-want +got):\n%s", columns, rest, diff)
	}
}

// inbound is a live answered contact of a chain, without an outcome yet.
func inbound(id string, at time.Time) schemas.ContactOutcome {
	o := schemas.ContactOutcome{Live: true, InChain: true, OutcomeVersion: schemas.OutcomeVersion{Epoch: 1, Mark: 1}}
	o.Tenant, o.Source, o.ID, o.Chain, o.CustomerID = "t", "app", id, "customer=c", "c"
	o.OccurredAt, o.Hour = at, at.Truncate(time.Hour)
	o.Direction, o.Answered, o.Region = "inbound", true, "north"
	return o
}

// first gives a contact the outcome of a first one.
func first(o schemas.ContactOutcome, resolved bool, reason string) schemas.ContactOutcome {
	o.First, o.Episode, o.Resolved = true, 1, &resolved
	o.FCR, o.FCRReason = "yes", reason
	if reason != "" {
		o.FCR = "no"
	}
	until := o.OccurredAt.Add(7 * 24 * time.Hour)
	o.ConfirmedAt = &until
	return o
}

// Worked example 7: Monday and Thursday of one week, and a month later; then one whose window is not over, and what is in no chain.
func TestContactViews(t *testing.T) {
	conn := inCompany(t)
	monday := time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC) // Tuesday in Shanghai
	one := first(inbound("1", monday), true, "repeat_contact")
	one.Episode, one.Later, one.NextMicros = 2, true, ptr(int64(73*3600*1e6))
	one.WaitMicros, one.TalkMicros, one.WrapMicros, one.InServiceLevel = ptr(int64(10e6)), ptr(int64(100e6)), ptr(int64(20e6)), true
	two := inbound("2", monday.Add(73*time.Hour))
	two.WaitMicros, two.NextMicros = ptr(int64(50e6)), ptr(int64(27*86400*1e6))
	three := first(inbound("3", monday.AddDate(0, 1, 0)), true, "")
	fresh := first(inbound("4", time.Now().UTC().Truncate(time.Microsecond)), true, "")
	unknown := first(inbound("5", monday), false, "")
	unknown.Resolved, unknown.FCR, unknown.Excluded, unknown.Region = nil, "", "resolved_unknown", "south"
	abandoned := inbound("6", monday)
	abandoned.Answered, abandoned.InChain, abandoned.Excluded = false, false, "abandoned"
	outbound := inbound("7", monday)
	outbound.Direction, outbound.InChain, outbound.Excluded = "outbound", false, "outbound"
	dead := first(inbound("8", monday), true, "")
	gone := inbound("8", monday)
	gone.Live, gone.InChain, gone.Mark = false, false, 2
	write(t, conn, sinks.Batch{ContactOutcomes: []schemas.ContactOutcome{one, two, three, fresh, unknown, abandoned, outbound, dead}})
	write(t, conn, sinks.Batch{ContactOutcomes: []schemas.ContactOutcome{gone}})

	expect(t, conn, "contact_id, chain, is_first, fcr, fcr_reason, provisional, excluded, days_to_next, wait_seconds, talk_seconds, hold_seconds", "rapport.contacts ORDER BY contact_id",
		"('1','customer=c',true,'no','repeat_contact',false,'',3,10,100,NULL)",
		"('2','customer=c',false,'','',false,'',27,50,NULL,NULL)",
		"('3','customer=c',true,'yes','',false,'',NULL,NULL,NULL,NULL)",
		"('4','customer=c',true,'yes','',true,'',NULL,NULL,NULL,NULL)",
		"('5','customer=c',true,'','',false,'resolved_unknown',NULL,NULL,NULL,NULL)",
		"('6','',false,'','',false,'abandoned',NULL,NULL,NULL,NULL)",
		"('7','',false,'','',false,'outbound',NULL,NULL,NULL,NULL)")
	expect(t, conn, "day, region, contacts, first_contacts, repeats, n, resolved_first, confirmed_n, confirmed_resolved, provisional_n, failed_repeat_contact, resolved_unknown, fcr, fcr_confirmed, fcr_low, fcr_one_touch, contacts_per_case",
		"rapport.fcr_daily WHERE day < '2026-04-30' ORDER BY day, region",
		"('2026-03-03','north',1,1,0,1,0,1,0,0,1,0,0,0,0,0,1)",
		"('2026-03-03','south',1,1,0,0,0,0,0,0,0,1,NULL,NULL,NULL,0,1)",
		"('2026-03-06','north',1,0,1,0,0,0,0,0,0,0,NULL,NULL,NULL,NULL,NULL)",
		"('2026-04-03','north',1,1,0,1,1,1,1,0,0,0,100,100,100,100,1)")
	expect(t, conn, "fcr, fcr_confirmed, fcr_low, provisional_n", "rapport.fcr_daily WHERE day > '2026-04-30'", "(100,NULL,0,1)")
	expect(t, conn, "day, contacts, abandoned, outbound", "rapport.fcr_daily WHERE day = '2026-03-03' AND region = 'north'", "('2026-03-03',1,1,1)")
	yes, no := true, false
	var says []schemas.SurveyFact
	for i, r := range []struct {
		role     string
		valid    bool
		resolved *bool
	}{{"customer", true, &yes}, {"customer", true, &yes}, {"customer", true, &no}, {"customer", true, nil}, {"employee", true, &no}, {"customer", false, &no}} {
		says = append(says, schemas.SurveyFact{
			Identity:   schemas.Identity{Tenant: one.Tenant, Hour: monday.Truncate(time.Hour), Source: "/survey", ID: fmt.Sprint(i)},
			OccurredAt: monday, Role: r.role, Valid: r.valid, ResolvedFirstContact: r.resolved, AttributeColumns: schemas.AttributeColumns{Region: "west"},
		})
	}
	write(t, conn, sinks.Batch{Responses: says})
	expect(t, conn, "day, contacts, fcr, customer_n, customer_yes, round(fcr_customer, 2)", "rapport.fcr_daily WHERE region = 'west'", "('2026-03-03',0,NULL,3,2,66.67)")
	expect(t, conn, "100 * sum(resolved_first) / sum(fcr_n), 100 * sum(one_touch) / sum(first_contacts), sum(contacts), sum(repeats)", "rapport.fcr_daily WHERE day < '2026-04-30' AND region = 'north'", "(50,50,3,1)")
	expect(t, conn, "day, n, offered, answered, abandoned, outbound, answer_rate, abandon_rate, service_level, asa, aht, handle_n, wait_seconds_sum", "rapport.contact_daily WHERE day = '2026-03-03' AND region = 'north'",
		"('2026-03-03',3,2,1,1,1,50,50,50,10,120,1,10)")
	expect(t, conn, "hour, n, asa", "rapport.contact_hourly WHERE hour < '2026-03-03 00:00:00' ORDER BY region", "('2026-03-02 17:00:00',3,10)", "('2026-03-02 17:00:00',1,NULL)")
	expect(t, conn, "days, n, share, cumulative_share", "rapport.recontact_days ORDER BY days", "(3,1,50,50)", "(27,1,50,100)")
	expect(t, conn, "day, complaints, contacts, complaint_rate", "rapport.complaint_rate_daily WHERE region = 'north' AND day = '2026-03-03'", "('2026-03-03',0,1,0)")
}

func TestCaseViews(t *testing.T) {
	conn := inCompany(t)
	requested := time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC)
	after := func(minutes int) time.Time { return requested.Add(time.Duration(minutes) * time.Minute) }
	done := func(id string, minutes int) schemas.CaseOutcome {
		working := int64(minutes) * 30e6
		return schemas.CaseOutcome{
			OutcomeVersion: schemas.OutcomeVersion{Epoch: 1, Mark: 1}, Tenant: "t", CaseID: id, Live: true, RequestedAt: &requested, AttributeColumns: schemas.AttributeColumns{Region: "north"},
			Reached: []string{"arrived", "requested", "resolved"}, ReachedAt: []time.Time{after(10), requested, after(minutes)},
			Due: schemas.Due{Name: []string{"arrived", "resolved"}, At: []time.Time{after(10), after(25)}}, WasResolved: true,
			Duration: []string{"arrived", "first_response", "resolved"}, DurationMicros: []int64{600e6, 60e6, int64(minutes) * 60e6}, DurationWorking: []*int64{nil, nil, &working},
		}
	}
	reopened := done("c", 30)
	reopened.WasReopened = true
	future := time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond)
	open := schemas.CaseOutcome{
		OutcomeVersion: schemas.OutcomeVersion{Epoch: 1, Mark: 1}, Tenant: "t", CaseID: "d", Live: true, RequestedAt: &requested, AttributeColumns: schemas.AttributeColumns{Region: "north"},
		Reached: []string{"requested"}, ReachedAt: []time.Time{requested}, Due: schemas.Due{Name: []string{"arrived", "resolved"}, At: []time.Time{after(10), future}},
	}
	unbooked := schemas.CaseOutcome{OutcomeVersion: schemas.OutcomeVersion{Epoch: 1, Mark: 1}, Tenant: "t", CaseID: "e", Live: true, Reached: []string{"closed"}, ReachedAt: []time.Time{after(1)}}
	dead := schemas.CaseOutcome{OutcomeVersion: schemas.OutcomeVersion{Epoch: 1, Mark: 2}, Tenant: "t", CaseID: "f"}
	write(t, conn, sinks.Batch{CaseOutcomes: []schemas.CaseOutcome{done("a", 10), done("b", 20), reopened, open, unbooked, done("f", 1)}})
	write(t, conn, sinks.Batch{CaseOutcomes: []schemas.CaseOutcome{dead}})

	expect(t, conn, "case_id, arrived_at, arrived_on_time, resolved_on_time, closed_on_time, first_response_seconds, arrival_seconds, parts_seconds, resolution_seconds, resolution_working_seconds, open, overdue_open", "rapport.cases ORDER BY case_id",
		"('a','2026-03-02 17:10:00.000000',true,true,NULL,60,600,NULL,600,300,false,false)",
		"('b','2026-03-02 17:10:00.000000',true,true,NULL,60,600,NULL,1200,600,false,false)",
		"('c','2026-03-02 17:10:00.000000',true,false,NULL,60,600,NULL,1800,900,false,false)",
		"('d',NULL,false,NULL,NULL,NULL,NULL,NULL,NULL,NULL,true,true)",
		"('e',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,false,false)")
	expect(t, conn, "day, milestone, cases, reached, on_time, late, overdue, round(on_time_rate, 2), n, mean_seconds, p50, p90, round(p95, 6), working_n, working_mean_seconds, working_p50", "rapport.timeliness_daily ORDER BY milestone",
		"('2026-03-03','arrived',4,3,3,0,1,75,3,600,600,600,600,0,NULL,NULL)",
		"('2026-03-03','first_response',3,3,0,0,0,NULL,3,60,60,60,60,0,NULL,NULL)",
		"('2026-03-03','resolved',4,3,2,1,0,66.67,3,1200,1200,1680,1740,3,600,600)")
	expect(t, conn, "day, region, n, resolved, reopened, open, overdue_open, round(reopen_rate, 2)", "rapport.case_daily", "('2026-03-03','north',4,3,1,1,1,33.33)")
}

func TestComplaintViews(t *testing.T) {
	conn := inCompany(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	opened := func(id string, ago time.Duration, severity, reason, handling string, timely *bool) schemas.ComplaintOutcome {
		at := now.Add(-ago)
		return schemas.ComplaintOutcome{
			OutcomeVersion: schemas.OutcomeVersion{Epoch: 1, Mark: 1}, Tenant: "t", ComplaintID: id, Live: true, OpenedAt: &at, CustomerID: "c", Issue: "leak",
			Severity: severity, Reason: reason, Handling: handling, Timely: timely, AttributeColumns: schemas.AttributeColumns{Region: "north"},
			Reached: []string{"opened"}, ReachedAt: []time.Time{at}, Due: schemas.Due{Name: []string{"resolved"}, At: []time.Time{at.Add(time.Hour)}},
		}
	}
	const day = 24 * time.Hour
	a := opened("a", 100*day, "major", "late", "satisfied", ptr(true))
	a.Reached, a.ReachedAt = append(a.Reached, "resolved"), append(a.ReachedAt, a.OpenedAt.Add(time.Hour))
	a.Duration, a.DurationMicros, a.DurationWorking, a.WasResolved, a.WasReopened = []string{"first_response", "resolution"}, []int64{60e6, 3600e6}, []*int64{nil, nil}, true, true
	b := opened("b", 12*day, "general", "late", "unhandled", ptr(false))
	c := opened("c", 2*day+time.Hour, "", "", "", nil)
	d := opened("d", time.Minute, "", "parts", "very_satisfied", nil)
	d.CustomerID = ""
	subject := func(o schemas.ComplaintOutcome) schemas.ComplaintSubject {
		return schemas.ComplaintSubject{OutcomeVersion: o.OutcomeVersion, Tenant: "t", CustomerID: o.CustomerID, Issue: o.Issue, ComplaintID: o.ComplaintID, OpenedAt: *o.OpenedAt, Live: true}
	}
	write(t, conn, sinks.Batch{ComplaintOutcomes: []schemas.ComplaintOutcome{a, b, c, d}, ComplaintSubjects: []schemas.ComplaintSubject{subject(a), subject(b), subject(c)}})

	expect(t, conn, "complaint_id, resolved_on_time, handling_score, timely, repeat, reopened, first_response_seconds, resolution_seconds, open, age_days, age_bucket", "rapport.complaints ORDER BY complaint_id",
		"('a',true,0,true,false,true,60,3600,false,NULL,'')",
		"('b',false,-5,false,false,false,NULL,NULL,true,12,'10+')",
		"('c',false,NULL,NULL,true,false,NULL,NULL,true,2,'2-10')",
		"('d',NULL,2,NULL,false,false,NULL,NULL,true,0,'0-2')")
	expect(t, conn, "age_bucket, from_days, to_days, n, major", "rapport.complaint_ages ORDER BY from_days", "('0-2',0,2,1,0)", "('2-10',2,10,1,0)", "('10+',10,NULL,1,0)")
	expect(t, conn, "reason, n, share, cumulative_share", "rapport.complaint_reasons ORDER BY n DESC, reason", "('late',2,50,50)", "('',1,25,75)", "('parts',1,25,100)")
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	expect(t, conn, "severity, reason, n, major, repeats, resolved, reopened, timely_n, complaint_timely_rate, on_time, late, overdue, complaint_on_time_rate, repeat_complaint_rate, complaint_reopen_rate, handling_n, handling_score_sum, first_response_p50, p50, p90",
		fmt.Sprintf("rapport.complaints_daily WHERE day IN ('%s', '%s', '%s') ORDER BY day", a.OpenedAt.In(shanghai).Format(time.DateOnly), b.OpenedAt.In(shanghai).Format(time.DateOnly), c.OpenedAt.In(shanghai).Format(time.DateOnly)),
		"('major','late',1,1,0,1,1,1,100,1,0,0,100,0,100,1,0,60,3600,3600)",
		"('general','late',1,0,0,0,0,1,0,0,0,1,0,0,NULL,1,-5,NULL,NULL,NULL)",
		"('','',1,0,1,0,0,0,NULL,0,0,1,0,100,NULL,0,0,NULL,NULL,NULL)")
	expect(t, conn, "complaints, contacts, complaint_rate", "rapport.complaint_rate_daily WHERE day = '"+a.OpenedAt.In(shanghai).Format(time.DateOnly)+"'", "(1,0,NULL)")
}

func TestServiceEventViews(t *testing.T) {
	conn := inCompany(t)
	identity := func(id string) schemas.Identity {
		return schemas.Identity{Tenant: "t", Hour: noon, Source: "app", ID: id}
	}
	due := schemas.Due{Name: []string{"resolved"}, At: []time.Time{noon.Add(time.Hour)}}
	b := sinks.Batch{
		Contacts: []schemas.ContactFact{{Identity: identity("1"), OccurredAt: noon, Chain: "x"}, {Identity: identity("1"), Version: schemas.Version{Revision: 1}, OccurredAt: noon, Chain: "y"}},
		Milestones: []schemas.MilestoneFact{
			{Identity: identity("2"), OccurredAt: noon, CaseID: "k", Milestone: "requested", Due: due},
			{Identity: identity("3"), Version: schemas.Version{Retracted: true}, OccurredAt: noon, CaseID: "k"},
		},
		Complaints: []schemas.ComplaintFact{{Identity: identity("4"), OccurredAt: noon, ComplaintID: "q", Phase: "opened", Due: due, Timely: ptr(true)}},
		Consumed: []schemas.Consumed{
			{Topic: schemas.TopicServiceEvents, Verdict: schemas.Accepted, First: 0, Last: 3}, {Topic: schemas.TopicComplaints, Verdict: schemas.Accepted, First: 0, Last: 0},
		},
	}
	write(t, conn, b)
	write(t, conn, b)
	if err := conn.Exec(context.Background(), `INSERT INTO rapport_store.contact_facts (tenant, hour, source, id, revision, payload, chain, superseded) VALUES ('t', '2026-03-01 12:00:00', 'app', '1', 1, 0, 'x', true)`); err != nil {
		t.Fatal(err)
	}
	expect(t, conn, "event_id, case_id, milestone, due", "rapport.milestones", "('2','k','requested',{'resolved':'2026-03-01 13:00:00.000000'})")
	expect(t, conn, "event_id, complaint_id, phase, timely, due", "rapport.complaint_events", "('4','q','opened',true,{'resolved':'2026-03-01 13:00:00.000000'})")
	// The contact came under two chains, one of which is set aside.
	expect(t, conn, "topic, received, accepted, unexplained, stored, repeated, duplicates, revisions, conflicts, settled", "rapport.data_quality WHERE received > 0 ORDER BY topic",
		"('rapport.complaints',1,1,0,1,0,0,0,0,0)", "('rapport.service-events',4,4,0,3,1,0,1,0,1)")
	expect(t, conn, "type, stored, retracted, revised", "rapport.data_quality_by_source ORDER BY type",
		"('rapport.complaint.v1',1,0,0)", "('rapport.contact.v1',1,0,1)", "('rapport.milestone.v1',1,1,0)")
}
