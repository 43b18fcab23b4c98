package front

import (
	"regexp"
	"sort"
	"strings"
)

var settingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// quote writes a string literal of ClickHouse.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// quoteName writes an identifier.
func quoteName(s string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(s) + "`"
}

// settingsDiff returns the assignments that lead from what is applied to what is wanted. What is no longer wanted goes
// back to its base value, or to the engine's default.
func settingsDiff(applied, wanted, base map[string]string) []string {
	var out []string
	for name, value := range wanted {
		if have, ok := applied[name]; !ok || have != value {
			out = append(out, name+" = "+quote(value))
		}
	}
	for name := range applied {
		if _, ok := wanted[name]; ok {
			continue
		}
		if value, ok := base[name]; ok {
			out = append(out, name+" = "+quote(value))
		} else {
			out = append(out, name+" = DEFAULT")
		}
	}
	sort.Strings(out)
	return out
}
