package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMetricsAreListed: the table of metrics in operations.md has every metric of the code, and no other.
func TestMetricsAreListed(t *testing.T) {
	var code []string
	for _, name := range tree(t) {
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			code = append(code, metricsOf(t, name)...)
		}
	}
	_, section, ok := strings.Cut(read(t, "docs/operations.md"), "\n## Metrics\n")
	if !ok {
		t.Fatal("no section Metrics")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var rows []string
	for _, line := range strings.Split(section, "\n") {
		if strings.HasPrefix(line, "| `") {
			cell, _, _ := strings.Cut(line[1:], "|")
			rows = append(rows, found("`(rapport_[a-z_]+)`", cell)...)
		}
	}
	slices.Sort(code)
	slices.Sort(rows)
	if diff := cmp.Diff(slices.Compact(code), rows); diff != "" {
		t.Errorf("metrics of the code (-) and of docs/operations.md (+) differ:\n%s", diff)
	}
}

// metricsOf are the names of metrics in a file: Name of prometheus options, and first arguments of a local helper `counter`, whose options
// may put a prefix before them.
func metricsOf(t *testing.T, name string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var names, suffixes []string
	prefix := ""
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if !isOptions(n.Type) {
				return true
			}
			for _, element := range n.Elts {
				field, ok := element.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				if key, ok := field.Key.(*ast.Ident); !ok || key.Name != "Name" {
					continue
				}
				if sum, ok := field.Value.(*ast.BinaryExpr); ok {
					prefix = text(sum.X)
				} else if s := text(field.Value); s != "" {
					names = append(names, s)
				}
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "counter" && len(n.Args) > 0 {
				suffixes = append(suffixes, text(n.Args[0]))
			}
		}
		return true
	})
	for _, s := range suffixes {
		names = append(names, prefix+s)
	}
	return names
}

// isOptions says whether a type is prometheus.CounterOpts or another of its kind.
func isOptions(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "prometheus" && strings.HasSuffix(s.Sel.Name, "Opts")
}

// text is the value of a string literal, else empty.
func text(e ast.Expr) string {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(literal.Value)
	if err != nil {
		return ""
	}
	return s
}
