package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/generator"
)

// exec runs a statement.
func (s *System) exec(sql string) {
	s.t.Helper()
	conn := s.Conn()
	defer func() { _ = conn.Close() }()
	if err := conn.Exec(context.Background(), sql); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

// counted is the value of a metric of /metrics, summed over its labels.
func (s *System) counted(name string) (sum float64) {
	s.t.Helper()
	resp, err := http.Get(s.HTTP + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != name && !strings.HasPrefix(line, name+"{") {
			continue
		}
		var n float64
		if _, err := fmt.Sscan(fields[len(fields)-1], &n); err != nil {
			s.t.Fatal(err)
		}
		sum += n
	}
	return sum
}

// Rows written by hand, with a mark above that of the right row in the same epoch, as a bug would write them.
const (
	wrongDay = `INSERT INTO rapport_store.satisfaction_days (* EXCEPT (` + "`cells.n`" + `, version), ` + "`cells.n`" + `, version)
		SELECT * EXCEPT (` + "`cells.n`" + `, version), arrayMap(x -> x + 1, ` + "`cells.n`" + `), version + 1 FROM rapport_store.satisfaction_days FINAL
		WHERE tenant = 'kathmandu' AND cut = 'region' AND notEmpty(` + "`cells.n`" + `) ORDER BY day LIMIT 1`
	wrongOutcome = `INSERT INTO rapport_store.contact_outcomes (* EXCEPT (version, fcr, mark), fcr, mark)
		SELECT * EXCEPT (fcr, mark), if(fcr = 'no', 'yes', 'no'), mark + 1 FROM rapport_store.contact_outcomes FINAL WHERE live AND is_first AND tenant = 'new-york' ORDER BY hour, source, id LIMIT 1`
)

// TestVerifyNamesWhatWasTamperedWith: a figure and an outcome that were changed by hand are named and explained, counted and healed, and all is equal again.
func TestVerifyNamesWhatWasTamperedWith(t *testing.T) {
	config, o := Settings(t)
	s := New(t, rapport, config, "ROLLUPS_SWEEP_PAUSE=1s", "ROLLUPS_SWEEP_DAYS=1000", "OUTCOMES_SWEEP_PAUSE=1s") // all days in one round
	s.Up()
	events := Generated(t, 31, 300)
	want := Expect(t, events, o)
	s.publishRuns(generator.Shuffle(events, generator.NewRand(31)), 1, 31)
	s.Equals(want)
	s.says(0, []string{"verify"}, "satisfaction_days", "contact_outcomes", "0 differences in ")

	var report struct {
		Tables []struct {
			Table string
			Rows  uint64
		}
		Days, Entities int
		Differences    []struct{ Table, Tenant, Day, Cut, Key, Detail string }
	}
	parse := func(text string) {
		t.Helper()
		report.Differences, report.Tables = nil, nil
		if err := json.Unmarshal([]byte(text), &report); err != nil {
			t.Fatal(err)
		}
	}
	parse(s.says(0, []string{"verify", "--format", "json", "--tenant", "kathmandu", "--from", "2026-02-25", "--to", "2026-03-10T00:00:00Z"}))
	if len(report.Tables) != 15 || report.Days == 0 || report.Entities == 0 {
		t.Errorf("%+v compared, want rows of all 15 tables", report)
	}
	for _, table := range report.Tables {
		if table.Rows == 0 {
			t.Errorf("no row of %s was compared", table.Table)
		}
	}
	s.says(0, []string{"verify", "--as-of", time.Now().UTC().Format(time.RFC3339)}, "0 differences in ")
	s.says(1, []string{"verify", "--tenant", "nobody"}, "nothing was compared")
	s.says(2, []string{"verify", "--from", "yesterday"}, "neither a day")
	s.says(2, []string{"verify", "--from", "2026-11-05", "--to", "2026-11-01"}, "is after --to")

	// The sweepers rest while the rows are looked at, so that it is not they who name them.
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	sweeping := s.env
	s.env = append(s.env[:len(s.env):len(s.env)], "RAPPORT_ROLLUPS_SWEEP_PAUSE=24h", "RAPPORT_OUTCOMES_SWEEP_PAUSE=24h")
	s.Up()
	s.exec(wrongDay)
	s.exec(wrongOutcome)
	parse(s.says(1, []string{"verify", "--format", "json"}))
	named := map[string]string{}
	for _, d := range report.Differences {
		named[d.Table] += d.Tenant + " " + d.Day + " " + d.Cut + d.Key + ": " + d.Detail + "\n"
	}
	if !strings.Contains(named["satisfaction_days"], "kathmandu ") || !strings.Contains(named["satisfaction_days"], ": n stored ") || !strings.Contains(named["contact_outcomes"], "fcr stored ") {
		t.Errorf("named:\n%v", named)
	}
	s.says(1, []string{"verify", "--tenant", "kathmandu"}, `satisfaction_days: tenant "kathmandu", day `, `cut "region"`, "n stored ", "1 difference in ", "docs/operations.md#verify-what-is-stored")
	s.says(0, []string{"verify", "--tenant", plain}, "0 differences")

	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	s.env = sweeping
	s.says(1, []string{"verify", "--tenant", "kathmandu"}, `satisfaction_days: tenant "kathmandu", day `) // alone, and with sweepers that may be faster
	s.Up()
	// A sweeper rests twenty times as long as its round took, which on a busy machine is minutes: each gets patience of its own.
	for _, table := range []string{"satisfaction_days", "contact_outcomes"} {
		s.Eventually(table+" counted", func() error {
			if s.number("SELECT count() FROM rapport_store.audit_mismatches WHERE rollup = '"+table+"'") == 0 {
				return fmt.Errorf("no mismatch is counted")
			}
			return nil
		})
	}
	s.Equals(want)
	if n := s.number("SELECT max(audit_mismatch) FROM rapport.data_quality"); n < 2 { // beside the two, days of contacts that a wrong outcome made wrong
		t.Errorf("data_quality counts %d mismatches", n)
	}
	if n := s.counted("rapport_audit_mismatch_total"); n < 1 {
		t.Errorf("/metrics counts %v mismatches", n)
	}
	s.says(0, []string{"verify"}, "0 differences in ")
}
