package deploy

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/goccy/go-yaml"

	"github.com/rapport-project/rapport/deploy/deploytest"
)

type rule struct {
	Alert, Expr string
	Labels      map[string]string
	Annotations map[string]string
}

func rules(t *testing.T) []rule {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	if err := yaml.Unmarshal([]byte(read(t, "deploy/prometheus/rapport.rules.yml")), &file); err != nil {
		t.Fatal(err)
	}
	var all []rule
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) == 0 {
		t.Fatal("no rules")
	}
	return all
}

// TestRulesSayWhatToDo: every alert reads in both languages, leads to a section of operations.md, and asks for metrics that operations.md
// lists, which a test of package docs holds to the code.
func TestRulesSayWhatToDo(t *testing.T) {
	operations := read(t, "docs/operations.md")
	var anchors []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(operations, -1) {
		anchors = append(anchors, regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(heading[1]), ""))
	}
	metric := regexp.MustCompile(`\brapport_[a-z_]+\b`)
	for _, r := range rules(t) {
		for _, key := range []string{"summary", "description"} {
			english, chinese := r.Annotations[key], r.Annotations[key+"_zh"]
			if english == "" || strings.ContainsFunc(english, isHan) || !strings.ContainsFunc(chinese, isHan) {
				t.Errorf("%s: %s %q, in Chinese %q", r.Alert, key, english, chinese)
			}
		}
		if s := r.Labels["severity"]; s != "warning" && s != "critical" {
			t.Errorf("%s: severity %q", r.Alert, s)
		}
		_, anchor, _ := strings.Cut(r.Annotations["runbook_url"], "/docs/operations.md#")
		if !slices.ContainsFunc(anchors, func(a string) bool { return strings.ReplaceAll(a, " ", "-") == anchor }) {
			t.Errorf("%s: docs/operations.md has no section #%s", r.Alert, anchor)
		}
		for _, name := range metric.FindAllString(r.Expr, -1) {
			if !strings.Contains(operations, "`"+strings.TrimSuffix(name, "_bucket")+"`") {
				t.Errorf("%s: docs/operations.md lists no metric %s", r.Alert, name)
			}
		}
	}
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// TestRulesFire runs the tests of the rules on Prometheus's own engine, in a module of their own.
func TestRulesFire(t *testing.T) {
	if testing.Short() {
		t.Skip("builds Prometheus's engine")
	}
	dir := filepath.Join(root, "tools", "promrules")
	exe := filepath.Join(t.TempDir(), "promrules.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", exe, ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		deploytest.Lacks(t, "the engine of Prometheus cannot be built: %v\n%s", err, out)
	}
	test := exec.CommandContext(t.Context(), exe)
	test.Dir = dir
	if out, err := test.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
