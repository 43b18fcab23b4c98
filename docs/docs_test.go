package docs

import (
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/cli"
)

const root = ".."

// tree lists the files of the repository, by their paths from its root, without what was built, fetched or stored.
func tree(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") && rel != "." && rel != ".ci"
		switch {
		case d.IsDir() && (hidden || d.Name() == "node_modules" || d.Name() == "testdata" || rel == "bin" || rel == "data"):
			return fs.SkipDir
		case !d.IsDir():
			files = append(files, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pages are the texts of all pages by name.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range tree(t) {
		if strings.HasSuffix(name, ".md") {
			all[name] = read(t, name)
		}
	}
	for _, name := range []string{"README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/operations.md"} {
		if all[name] == "" {
			t.Fatalf("no page %s", name)
		}
	}
	return all
}

// found are the first groups of all matches, each once.
func found(pattern, text string) []string {
	var out []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

func TestLinksResolve(t *testing.T) {
	for name, text := range pages(t) {
		for _, link := range found(`\]\(([^)\s]+)\)`, text) {
			u, err := url.Parse(link)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if u.Scheme != "" || u.Path == "" {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, path.Dir(name), u.Path)); err != nil {
				t.Errorf("%s links to %s: %v", name, link, err)
			}
		}
	}
}

// TestNamedFilesExist: files named as code, as in `pipeline/events.go`, are there, seen from the root.
func TestNamedFilesExist(t *testing.T) {
	for name, text := range pages(t) {
		if path.Dir(name) == "schemas" {
			continue // its names are beside it
		}
		for _, file := range found("`([a-z0-9_.][a-z0-9_./-]*/[a-z0-9_.-]+\\.(?:go|sql|md|yaml|json))`", text) {
			if _, err := os.Stat(filepath.Join(root, file)); err != nil {
				t.Errorf("%s names %s: %v", name, file, err)
			}
		}
	}
}

func TestFileMapIsTheTree(t *testing.T) {
	_, section, ok := strings.Cut(read(t, "ARCHITECTURE.md"), "\n## File map\n")
	if !ok {
		t.Fatal("no section File map")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	mapped := found("(?m)^\\| `([^`]+)` \\|", section)
	var packages []string
	for _, name := range tree(t) {
		if dir := path.Dir(name); strings.HasSuffix(name, ".go") && !slices.Contains(packages, dir) {
			packages = append(packages, dir)
		}
	}
	slices.Sort(mapped)
	slices.Sort(packages)
	if diff := cmp.Diff(packages, mapped); diff != "" {
		t.Errorf("packages of the tree (-) and of the file map (+) differ:\n%s", diff)
	}
}

func TestSettingsExist(t *testing.T) {
	// Those that only tests read.
	known := map[string]bool{"RAPPORT_TEST_KAFKA": true, "RAPPORT_TEST_DATA": true}
	for _, s := range app.Settings(&app.Config{}) {
		known[s.Name] = true
	}
	for name, text := range pages(t) {
		for _, setting := range found(`\b(RAPPORT_[A-Z0-9_]*[A-Z0-9])\b`, text) {
			if !known[setting] {
				t.Errorf("%s names %s, which is no setting", name, setting)
			}
		}
	}
}

// TestTestsExist: a page that says which test shows something names one that is there.
func TestTestsExist(t *testing.T) {
	known := map[string]bool{}
	for _, name := range tree(t) {
		if strings.HasSuffix(name, "_test.go") {
			for _, test := range found(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`, read(t, name)) {
				known[test] = true
			}
		}
	}
	for name, text := range pages(t) {
		for _, test := range found("`((?:Test|Fuzz|Benchmark)[A-Z]\\w+)`", text) {
			if !known[test] {
				t.Errorf("%s names %s, which is no test", name, test)
			}
		}
	}
}

func TestMakeTargetsExist(t *testing.T) {
	targets := found(`(?m)^([a-z-]+):`, read(t, "Makefile"))
	for name, text := range pages(t) {
		for _, target := range found("(?m)(?:`|^)make ([a-z-]+)", text) {
			if !slices.Contains(targets, target) {
				t.Errorf("%s names make %s, which is no target", name, target)
			}
		}
	}
}

func TestCommandsExist(t *testing.T) {
	commands := found(`(?m)^  ([a-z]+) +[A-Z]`, help(t))
	if len(commands) < 5 {
		t.Fatalf("the help lists only %s", commands)
	}
	all := pages(t)
	for name, text := range all {
		for _, command := range found("(?:`|bin/)rapport ([a-z]+)", text) {
			if !slices.Contains(commands, command) {
				t.Errorf("%s names rapport %s, which is no command", name, command)
			}
		}
	}
	for _, command := range commands {
		if command != "help" && !regexp.MustCompile("(?m)^\\|.*`rapport "+command+"\\b").MatchString(all["README.md"]) {
			t.Errorf("README.md has no row for rapport %s", command)
		}
	}
}

// help is what `rapport help` prints.
func help(t *testing.T) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "help"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	stdout := os.Stdout
	os.Stdout = file
	status := cli.Main([]string{"help"}, cli.Options{})
	os.Stdout = stdout
	if status != 0 {
		t.Fatalf("rapport help ended with %d", status)
	}
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
