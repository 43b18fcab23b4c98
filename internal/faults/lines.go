package faults

import (
	"flag"
	"testing"

	"github.com/rapport-project/rapport/internal/faults/report"
)

// linesFlag names a file that takes a line per trial.
var linesFlag = flag.String("lines", "", "file to append what each trial came to to")

func record(t testing.TB, l report.Line) {
	t.Helper()
	t.Logf("%+v", l)
	if *linesFlag == "" {
		return
	}
	if err := report.Append(*linesFlag, l); err != nil {
		t.Fatal(err)
	}
}
