package store

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestStatements(t *testing.T) {
	for name, tc := range map[string]struct {
		sql  string
		want []string
	}{
		"empty":                {"", nil},
		"only comments":        {"-- a;b\n/* c;d */ # e;\n", nil},
		"two":                  {"SELECT 1; SELECT 2;\n", []string{"SELECT 1", "SELECT 2"}},
		"no semicolon at end":  {"SELECT 1;\nSELECT 2", []string{"SELECT 1", "SELECT 2"}},
		"in a string":          {`SELECT ';''--;', 'a\';', "x;", ` + "`y;`" + `;SELECT 2`, []string{`SELECT ';''--;', 'a\';', "x;", ` + "`y;`", "SELECT 2"}},
		"in a comment":         {"SELECT 1 -- it's; here\n+ 1; SELECT /* ' ; */ 2", []string{"SELECT 1 -- it's; here\n+ 1", "SELECT /* ' ; */ 2"}},
		"comment before":       {"-- why; not\nSELECT 1;\n/* b */\n-- c\nSELECT 2;", []string{"SELECT 1", "SELECT 2"}},
		"minus is no comment":  {"SELECT 1 - -1; SELECT 4 / 2", []string{"SELECT 1 - -1", "SELECT 4 / 2"}},
		"open string":          {"SELECT 'a; b", []string{"SELECT 'a; b"}},
		"open comment":         {"SELECT 1; /* a; b", []string{"SELECT 1"}},
		"backslash at the end": {`SELECT '\`, []string{`SELECT '\`}},
		"empty statements":     {";;\n; SELECT 1;;", []string{"SELECT 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, statements(tc.sql)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Statements that are joined come apart again, whatever is in their strings and comments.
func TestStatementsInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.OneOf(
			rapid.SampledFrom([]string{"SELECT", "x", "1", "- 1", "(", ")"}),
			rapid.Map(rapid.StringMatching(`[a-z;\-/*" ]{0,9}`), func(s string) string { return "'" + s + "'" }),
			rapid.Map(rapid.StringMatching("[a-z;'\\-/* ]{0,9}"), func(s string) string { return "`" + s + "`" }),
			rapid.Map(rapid.StringMatching("[a-z;'\"` ]{0,9}"), func(s string) string { return "/*" + s + "*/" }),
			rapid.Map(rapid.StringMatching("[a-z;'\"` ]{0,9}"), func(s string) string { return "--" + s + "\n" }),
		)
		want := rapid.SliceOf(rapid.Map(rapid.SliceOfN(piece, 0, 6), func(p []string) string { return "SELECT " + strings.Join(p, " ") + " END" })).Draw(t, "statements")
		got := statements(strings.Join(want, ";\n"))
		if len(want) == 0 {
			want = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
