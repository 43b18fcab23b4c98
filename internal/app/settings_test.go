package app_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/app"
)

var update = flag.Bool("update", false, "write the golden files")

func TestEverySettingIsDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range app.Settings(&app.Config{}) {
		if s.Doc == "" {
			t.Errorf("%s has no description", s.Name)
		}
		if seen[s.Name] {
			t.Errorf("%s is there twice", s.Name)
		}
		seen[s.Name] = true
		if (strings.Contains(s.Name, "PASSWORD") || strings.Contains(s.Name, "SECRET")) && !s.Secret {
			t.Errorf("%s is no secret", s.Name)
		}
	}
	if len(seen) < 50 {
		t.Errorf("only %d settings", len(seen))
	}
}

func printed(t *testing.T, environ string) map[string]string {
	t.Helper()
	c, err := app.Load(prefixed(environ))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := app.PrintSettings(&b, &c); err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{}
	for line := range strings.Lines(b.String()) {
		lines[strings.Fields(line[2:])[0]] = line
	}
	return lines
}

func TestPrintSettingsMarksWhatDiffers(t *testing.T) {
	for name, line := range printed(t, "") {
		if !strings.HasPrefix(line, "  ") {
			t.Errorf("%s is marked, though it is at its default: %s", name, line)
		}
	}
	lines := printed(t, "KAFKA_BROKERS=a:1,b:2 LAG_STUCK_AFTER=60s LAG_INTERVAL=6s")
	for name, start := range map[string]string{
		"RAPPORT_KAFKA_BROKERS": "* RAPPORT_KAFKA_BROKERS ", "RAPPORT_LAG_STUCK_AFTER": "  RAPPORT_", "RAPPORT_LAG_INTERVAL": "* RAPPORT_",
	} {
		if !strings.HasPrefix(lines[name], start) {
			t.Errorf("%q, want %q at its start", lines[name], start)
		}
	}
	if !strings.Contains(lines["RAPPORT_KAFKA_BROKERS"], " a:1,b:2 ") {
		t.Errorf("not as in the environment: %s", lines["RAPPORT_KAFKA_BROKERS"])
	}
}

func TestPrintSettingsKeepsSecrets(t *testing.T) {
	for _, environ := range []string{
		"KAFKA_SASL_PASSWORD=hush", "KAFKA_SASL_PASSWORD=x://hush",
		"CLICKHOUSE_DSN=clickhouse://bi:hush@db.example:9000/default", "CLICKHOUSE_DSN=http://db.example:8123/?username=bi&password=hush",
		"CLICKHOUSE_DSN=http://bi@db.example:8123/?password=hush&compress=lz4", "ALERTMANAGER_URL=https://am:hush@db.example:9093,https://am:hush@db.example:9094",
		"ALERT_SLACK_URL=https://slack.example/services/T0/hush", "ALERT_WEBHOOK_URL=https://u:hush@hook.example/hush?key=hush",
	} {
		lines := printed(t, environ)
		name, _, _ := strings.Cut(environ, "=")
		line := lines[app.Prefix+name]
		if strings.Contains(line, "hush") || !strings.HasPrefix(line, "*") {
			t.Errorf("%s: %s", environ, line)
		}
		if strings.HasPrefix(name, "ALERT_") && !strings.Contains(line, ".example/") {
			t.Errorf("whose address it is, is no secret: %s", line)
		}
		if strings.HasPrefix(name, "CLICKHOUSE") && !strings.Contains(line, "db.example") {
			t.Errorf("the address is no secret: %s", line)
		}
	}
	if line := printed(t, "")["RAPPORT_CLICKHOUSE_DSN"]; !strings.Contains(line, " embedded ") {
		t.Error(line)
	}
}

func TestGoldenSettingsPage(t *testing.T) {
	const page = "../../docs/configuration.md"
	got := app.SettingsPage()
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Fatalf("docs/configuration.md is not what the code says; run `make golden`:\n%s", diff)
	}
}

func TestUnknownSettingsAreNamed(t *testing.T) {
	got := app.Unknown([]string{"RAPPORT_HTTP_ADR=x", "RAPPORT_HTTP_ADDR=y", "RAPPORT_TEST_KAFKA=z", "PATH=/bin"})
	if diff := cmp.Diff([]string{"RAPPORT_HTTP_ADR"}, got); diff != "" {
		t.Error(diff)
	}
}
