package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/faults/report"
)

func TestLinesOfOneFaultAreAddedUp(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lines")
	for _, l := range []report.Line{
		{Fault: "a", Broker: "embedded", Injected: 1, Sent: 10, Acknowledged: 9, Redelivered: 2, Seconds: 3},
		{Fault: "a", Broker: "real", Injected: 1, Sent: 5, Acknowledged: 5, Seconds: 1},
		{Fault: "a", Broker: "embedded", Injected: 2, Sent: 20, Acknowledged: 20, Redelivered: 1, Lost: 1, Wrong: 4, Seconds: 2.5, Note: "once more"},
	} {
		if err := report.Append(file, l); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines, err := report.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	want := []report.Line{
		{Fault: "a", Broker: "embedded", Injected: 3, Sent: 30, Acknowledged: 29, Redelivered: 3, Lost: 1, Wrong: 4, Seconds: 3, Note: "once more"},
		{Fault: "a", Broker: "real", Injected: 1, Sent: 5, Acknowledged: 5, Seconds: 1},
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	page, err := report.Page(lines, "Run here.")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"Run here.", "| a (once more) | embedded | 3 | 30 | 29 | 3 | 1 | 4 | 3.0 |\n| a | real | 1 | 5 | 5 | 0 | 0 | 0 | 1.0 |\n"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not say %q:\n%s", part, page)
		}
	}
}

func TestAFileThatIsNone(t *testing.T) {
	if _, err := report.Read(strings.NewReader("{}\nno line")); err == nil || !strings.Contains(err.Error(), "lines of trials") {
		t.Errorf("%v", err)
	}
}
