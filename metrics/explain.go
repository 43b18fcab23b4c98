package metrics

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/tenants"
)

//go:embed sql
var sqlFiles embed.FS

// Parameters are what the statements of Explain and Behind ask for.
type Parameters struct {
	Tenant string
	// From < time <= To; what the clock decides is judged at Judged.
	From, To, Judged time.Time
	// Questionnaire is '' for all.
	Questionnaire string
	// CutValue of the statement's cut: a JSON array for a pair.
	CutValue string
}

// Named are the parameters as a statement names them, each as ClickHouse reads it.
func (p Parameters) Named() map[string]string {
	return map[string]string{
		"tenant": p.Tenant, "from": instant(p.From), "to": instant(p.To), "judged": instant(p.Judged), "questionnaire": p.Questionnaire, "cut_value": p.CutValue,
	}
}

// instant is a time as a DateTime64(6, 'UTC') is read.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000") }

// Explain is a statement that computes a metric from facts alone, of one value of a cut, overall where the cut is ”. Its columns are questionnaire, detail,
// value and n; its parameters are those of Parameters. A value is NULL where there is none. The definitions in force are written into it, for facts
// do not hold all of them. It answers an error for a cut that is none, and for a metric that is made of other figures.
func Explain(m Metric, cut string, c *questionnaires.Catalog) (string, error) {
	condition, err := cutCondition(cut)
	if err != nil {
		return "", err
	}
	if m.Points == nil {
		return "", fmt.Errorf("metrics: no statement computes %s from facts: it is made of other figures", m.Name)
	}
	return render(m.Name+".sql", literals(condition, c))
}

// explained is what the statements are rendered with.
type explained struct {
	// Cut is the condition on the attributes; Counts and Roles are of lists of events.
	Cut, Counts, Roles string
	// Definitions as literals: see literals.go.
	Several, Thresholds, Weights, Satisfied, Homes, Targets, Items string
}

// render is a file with its parts filled in.
func render(name string, with explained) (string, error) {
	text, err := fs.ReadFile(sqlFiles, "sql/"+name)
	if err != nil {
		return "", fmt.Errorf("metrics: %w", err)
	}
	t, err := template.New("shared").ParseFS(sqlFiles, "sql/shared.tmpl")
	if err == nil {
		t, err = t.New(name).Parse(string(text))
	}
	if err != nil {
		return "", fmt.Errorf("metrics: read %s: %w", name, err)
	}
	var b strings.Builder
	if err := t.Execute(&b, with); err != nil {
		return "", fmt.Errorf("metrics: write %s: %w", name, err)
	}
	return b.String(), nil
}

// cutCondition holds the attributes against {cut_value:String} as views show them: values beyond the tenant's cap are other.
func cutCondition(cut string) (string, error) {
	if cut == "" {
		return "true", nil
	}
	attributes := strings.Split(cut, ",")
	for _, a := range attributes {
		if !slices.Contains(tenants.Attributes(), a) {
			return "", fmt.Errorf("metrics: cut %q: %q is no attribute; they are %s", cut, a, strings.Join(tenants.Attributes(), ", "))
		}
	}
	switch {
	case len(attributes) > 2 || len(attributes) == 2 && attributes[0] == attributes[1]:
		return "", fmt.Errorf("metrics: cut %q: not one attribute or a pair of two", cut)
	case len(attributes) == 2:
		return shown(cut, fmt.Sprintf("toJSONString([%s, %s])", attributes[0], attributes[1]), `["other","other"]`), nil
	}
	return shown(cut, cut, "other"), nil
}

func shown(cut, value, other string) string {
	of := fmt.Sprintf("WHERE tenant = {tenant:String} AND cut = '%s'", cut)
	return fmt.Sprintf(`if((SELECT count() FROM rapport_store.attributes_over %s) = 0 OR %s = '' OR %s IN (SELECT value FROM rapport_store.attributes_shown %s), %s, '%s') = {cut_value:String}`,
		of, value, value, of, value, other)
}
