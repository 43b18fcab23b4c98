package calendars

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The page on calendars shows a file that is taken and one that is not, with the messages, and says what local times mean: all is held here.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../docs/calendars.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```(?:yaml|text)\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks, want a good file, a bad one and its messages", len(blocks))
	}
	v, problems := Check("good.yaml", []byte(blocks[0][1]))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	// Week of Monday 27 January: that Monday of 8.5 hours, and the Sunday before it made up for.
	c := newCalendar([]*Version{v})
	from := time.Date(2025, 1, 26, 0, 0, 0, 0, c.Zone())
	if got, want := c.Working(from, from.AddDate(0, 0, 10)), 17*time.Hour; got != want {
		t.Errorf("around Spring Festival %s, want %s", got, want)
	}
	_, problems = Check("workshop.yaml", []byte(blocks[1][1]))
	if diff := cmp.Diff(strings.TrimSpace(blocks[2][1]), problems.Error()); diff != "" {
		t.Error(diff)
	}
	_, problems = Check("x.yaml", []byte("zzzzzzzzzzzz: 1\n"))
	_, keys, _ := strings.Cut(problems[0].Detail, "want ")
	for _, key := range strings.Split(keys, ", ") {
		if !strings.Contains(string(page), "| `"+key+"` |") {
			t.Errorf("key %s has no row", key)
		}
	}
	catalog, err := Load(Shipped(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range catalog.IDs() {
		if !strings.Contains(string(page), "`"+id+"`") {
			t.Errorf("the shipped calendar %s is not named", id)
		}
	}
}
