package yamlfile

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDecimal(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "1": "1", "-1": "-1", "+2": "2", "1.50": "1.5", "0.333333": "0.333333", ".5": "0.5", "-.25": "-0.25", "007": "7", "3.": "3",
	} {
		d, ok := parseDecimal(text)
		if !ok || d.String() != want {
			t.Errorf("%s is %s (%t), want %s", text, d, ok, want)
		}
	}
	for _, text := range []string{"", "x", "1e3", "0x10", "1_000", "0.1234567", "1234567890123456", "1.2.3", "--1"} {
		if d, ok := parseDecimal(text); ok {
			t.Errorf("%s is taken as %s", text, d)
		}
	}
	if (Decimal{15, 1}).Cmp(Decimal{149, 2}) != 1 || (Decimal{2, 0}).Cmp(Decimal{20, 1}) != 0 {
		t.Error("decimals of unlike places compare wrongly")
	}
}

func TestText(t *testing.T) {
	file := Parse("f", []byte("a: 1.10\nb: |\n  two\n  lines\nc: 'quoted'\nd: true\ne: ~\n1: x\n"))
	o := file.Root().Entries()
	for key, want := range map[string]string{"a": "1.10", "b": "two\nlines", "c": "quoted", "1": "x"} {
		if got, ok := o.Get(key).Text(); !ok || got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if o.Get("e").Exists() {
		t.Error("null exists")
	}
	if _, ok := o.Get("d").Text(); ok {
		t.Error("a boolean is taken for text")
	}
}

func TestUnreadable(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"long":   {strings.Repeat("a", maxBytes+1), "f: the file has 262145 bytes; at most 262144 are read"},
		"nested": {strings.Repeat("[", 200_000), "f: more than 500 brackets are open at once"},
		"line":   {strings.Repeat("- ", 10_000), "f: a line has more than 4096 bytes; break it up"},
		"binary": {"a: \xff", "f: the file is not UTF-8; save it as UTF-8"},
		"tabs":   {"a:\n\t- b", "f:2: not YAML: found character '\t' that cannot start any token"},
		"merge":  {"<<: {a: b}\n", "f:1: a key that is no plain text; want key: value"},
	} {
		t.Run(name, func(t *testing.T) {
			file := Parse("f", []byte(test.text))
			file.Root().Object("a").Get("a").Required("something")
			want := test.want
			if name == "merge" {
				want += "\nf:1: a: missing; want something"
			}
			if diff := cmp.Diff(want, file.Problems().Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The worst nesting that the limits let through is parsed in reasonable time and stack.
func TestDeepNesting(t *testing.T) {
	indented := &strings.Builder{}
	for depth := 0; indented.Len() < maxBytes-2000; depth++ {
		indented.WriteString(strings.Repeat(" ", depth) + "a:\n")
	}
	for name, text := range map[string]string{
		"brackets": strings.Repeat("[", maxBrackets),
		"braces":   strings.Repeat("{a: ", maxBrackets),
		"dashes":   strings.Repeat(strings.Repeat("- ", maxLine/2)+"\n", 8),
		"indented": indented.String(),
	} {
		start := time.Now()
		Parse("f", []byte(text))
		t.Log(name, time.Since(start))
	}
}

func TestReadDir(t *testing.T) {
	sources, err := ReadDir(fstest.MapFS{"b.yaml": {}, "a.yml": {}, "c.txt": {}, ".d.yaml": {}, "e.yaml/x": {}}, "dir")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range sources {
		names = append(names, s.Name)
	}
	if diff := cmp.Diff([]string{"dir/a.yml", "dir/b.yaml"}, names); diff != "" {
		t.Error(diff)
	}
}
