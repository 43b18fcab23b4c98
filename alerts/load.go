package alerts

import (
	"cmp"
	"slices"

	"github.com/rapport-project/rapport/internal/yamlfile"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/tenants"
)

// Settings are those of tenants; *tenants.Settings is one.
type Settings interface {
	For(id string) tenants.Tenant
	Configured() []tenants.Tenant
}

// Known is what rules are checked against.
type Known struct {
	// Metrics of the registry: metrics.All().
	Metrics        []metrics.Metric
	Questionnaires *questionnaires.Catalog
	Settings       Settings
}

func (k Known) metric(name string) (metrics.Metric, bool) {
	for _, m := range k.Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return metrics.Metric{}, false
}

// Load reads alerts/*.yaml of dir, the user's configuration folder; dir may be empty. What is wrong in any of the files comes as one error, yamlfile.Problems.
func Load(dir string, known Known) (*Rules, error) {
	sources, err := yamlfile.ReadOwn(dir, "alerts")
	if err != nil {
		return nil, err
	}
	rules, problems := CheckAll(sources, known)
	return rules, problems.Err()
}

// CheckAll reads several files as one configuration, and answers every mistake in them.
func CheckAll(sources []yamlfile.Source, known Known) (*Rules, yamlfile.Problems) {
	var problems yamlfile.Problems
	rules, first := &Rules{}, map[string]string{}
	for _, source := range sources {
		groups, mistakes := check(source.Name, source.Text, known)
		problems = append(problems, mistakes...)
		for _, g := range groups {
			if file, twice := first[g.Name]; twice {
				problems = append(problems, g.at.Problem("group %q is in %s too; want a name of its own", g.Name, file))
				continue
			}
			first[g.Name] = source.Name
			rules.Groups = append(rules.Groups, g.Group)
		}
	}
	slices.SortFunc(rules.Groups, func(a, b Group) int { return cmp.Compare(a.Name, b.Name) })
	return rules, problems
}

// read is a group and where its name stands.
type read struct {
	Group
	at yamlfile.Value
}
