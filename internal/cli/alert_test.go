package cli_test

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAlertCheck(t *testing.T) {
	good, bad := filepath.Join(t.TempDir(), "good.yaml"), filepath.Join(t.TempDir(), "bad.yaml")
	rule := func(group, metric string) string {
		return "groups:\n  - name: " + group + "\n    rules: [{alert: Low, metric: " + metric + ", window: 24h, cut: region, below: 80, confidence: 0.95, for: 10m}]\n"
	}
	for name, text := range map[string]string{good: rule("g", "csat_top2"), bad: rule("g", "csat_top")} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rapport(t, nil, nil, "alert", "check", good).is(t, 0, []string{"group g, judged every 1m0s: 1 rule\n" +
		"  Low: csat_top2 over 24h, each region by itself, below 80 % at 95 % confidence, for 10m0s; over at 80; without data: keep\n"}, nil)
	rapport(t, nil, nil, "alert", "check", good, bad).is(t, 1, []string{bad + ":3: groups[0].rules[0].metric: there is no metric \"csat_top\"; did you mean csat_top2?\n",
		bad + ":2: groups[0].name: group \"g\" is in " + good + " too; want a name of its own\n"}, nil)
	rapport(t, nil, nil, "alert", "check", good+"x").is(t, 1, nil, []string{good + "x"})
	rapport(t, nil, nil, "alert", "check").is(t, 2, nil, []string{"at least 1 arg"})
	rapport(t, nil, nil, "alert", "backtest", good).is(t, 2, nil, []string{"--from is missing"})
	rapport(t, nil, nil, "alert", "backtest", good, "--from", "2026-03-02", "--to", "2026-03-01").is(t, 2, nil, []string{"is not before"})
	rapport(t, nil, nil, "alert", "backtest", bad, "--from", "1h").is(t, 1, []string{"there is no metric"}, nil)
}
