package tenants

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/rapport-project/rapport/internal/yamlfile"
)

// Bounds of what a file may state.
const (
	maxIDRunes      = 128
	maxFCRDays      = 30
	maxSeconds      = 24 * 60 * 60
	maxMinN         = 1_000_000
	maxAgeDays      = 3650
	maxAttributeCap = 1_000_000
)

// Settings are those of all tenants. They are not changed once loaded, so that they may be shared.
type Settings struct {
	byID map[string]Tenant
	// calendars are the places where tenants name one, by file.
	calendars []calendarName
}

// calendarName is where a file names a calendar.
type calendarName struct {
	id string
	at yamlfile.Value
}

// Load reads tenants/ID.yaml of dir, the user's configuration folder; dir may be empty. What is wrong in any of the files comes as one error, yamlfile.Problems.
func Load(dir string) (*Settings, error) {
	s := &Settings{byID: map[string]Tenant{}}
	sources, err := yamlfile.ReadOwn(dir, "tenants")
	if err != nil {
		return nil, err
	}
	var problems yamlfile.Problems
	for _, source := range sources {
		tenant, calendar, mistakes := read(source.Name, source.Text)
		if _, twice := s.byID[tenant.ID]; twice {
			mistakes = append(mistakes, yamlfile.Problem{File: source.Name, Detail: "a second file for tenant " + tenant.ID + "; want one"})
		}
		problems = append(problems, mistakes...)
		s.byID[tenant.ID] = tenant
		if tenant.Calendar != "" {
			s.calendars = append(s.calendars, calendarName{tenant.Calendar, calendar})
		}
	}
	return s, problems.Err()
}

// CheckCalendars answers a problem for each tenant whose file names a calendar that is none of the given ids.
func (s *Settings) CheckCalendars(ids []string) yamlfile.Problems {
	var problems yamlfile.Problems
	for _, name := range s.calendars {
		if !slices.Contains(ids, name.id) {
			problems = append(problems, name.at.Problem("there is no calendar %.80q; there are: %s", name.id, strings.Join(ids, ", ")))
		}
	}
	return problems
}

// For is a tenant's settings; the defaults where it has no file.
func (s *Settings) For(id string) Tenant {
	if t, ok := s.byID[id]; ok {
		return t
	}
	return defaults(id)
}

// Configured are the tenants that have a file, by id.
func (s *Settings) Configured() []Tenant {
	all := make([]Tenant, 0, len(s.byID))
	for _, id := range slices.Sorted(maps.Keys(s.byID)) {
		all = append(all, s.byID[id])
	}
	return all
}

// Check reads one file, whose name is the tenant's id with .yaml, and answers every mistake in it.
func Check(name string, text []byte) (Tenant, yamlfile.Problems) {
	t, _, problems := read(name, text)
	return t, problems
}

// read is Check, and tells the place of the calendar's name too.
func read(name string, text []byte) (Tenant, yamlfile.Value, yamlfile.Problems) {
	id := strings.TrimSuffix(path.Base(name), path.Ext(name))
	t := defaults(id)
	file := yamlfile.Parse(name, text)
	root := file.Root()
	if len([]rune(id)) > maxIDRunes {
		root.Fail("the file's name is the tenant's id; want at most %d characters before .yaml", maxIDRunes)
	}
	o := root.Object("time_zone", "cuts", "calendar", "fcr_window_days", "service_level_seconds", "min_n", "complaint_age_days", "attribute_cap")
	if zone, ok := o.Get("time_zone").Zone(); ok {
		t.Zone = zone
	}
	t.Cuts = cuts(o.Get("cuts"))
	calendar := o.Get("calendar")
	t.Calendar, _ = calendar.Text()
	for _, number := range []struct {
		key string
		max int
		to  *int
	}{
		{"fcr_window_days", maxFCRDays, &t.FCRWindowDays},
		{"service_level_seconds", maxSeconds, &t.ServiceLevelSeconds},
		{"min_n", maxMinN, &t.MinN},
		{"attribute_cap", maxAttributeCap, &t.AttributeCap},
	} {
		if n, ok := o.Get(number.key).Int(1, number.max); ok {
			*number.to = n
		}
	}
	if days := ages(o.Get("complaint_age_days")); days != nil {
		t.ComplaintAgeDays = days
	}
	return t, calendar, file.Problems()
}

// ages are one number, or several that rise.
func ages(at yamlfile.Value) []int {
	if !at.IsList() {
		if n, ok := at.Int(1, maxAgeDays); ok {
			return []int{n}
		}
		return nil
	}
	var days []int
	for _, element := range at.List("ages in days: [3, 7, 30]") {
		n, ok := element.Int(1, maxAgeDays)
		switch {
		case !ok:
			element.Required("a whole number of days")
		case len(days) > 0 && n <= days[len(days)-1]:
			element.Fail("%d after %d; want ages that rise", n, days[len(days)-1])
		default:
			days = append(days, n)
		}
	}
	return days
}

func cuts(at yamlfile.Value) [][2]string {
	const want = "a list of pairs of attributes: [[region, product]]"
	order := Attributes()
	var pairs [][2]string
	for _, element := range at.List(want) {
		names := element.List("a pair such as [region, product]")
		var attributes []string
		for _, name := range names {
			if attribute, ok := name.OneOf(order...); ok {
				attributes = append(attributes, attribute)
			}
		}
		switch {
		case len(names) == 0: // no list, or an empty one, has been said to be wrong; null has not
			element.Required("a pair such as [region, product]")
		case len(names) != 2:
			element.Fail("%d attributes; want a pair such as [region, product]", len(names))
		case len(attributes) == 2 && attributes[0] == attributes[1]:
			element.Fail("the same attribute twice; want a pair such as [region, product]")
		case len(attributes) == 2:
			pairs = append(pairs, pair(attributes[0], attributes[1]))
		}
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if a[0] != b[0] {
			return slices.Index(order, a[0]) - slices.Index(order, b[0])
		}
		return slices.Index(order, a[1]) - slices.Index(order, b[1])
	})
	return slices.Compact(pairs)
}
