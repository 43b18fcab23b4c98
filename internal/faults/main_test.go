package faults

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/e2e"
	"github.com/rapport-project/rapport/internal/faults/report"
)

// pageFlag has the run write what its trials came to; `make soak` sets it.
var pageFlag = flag.String("page", "", "page to write after the run")

// rapport is the binary under test, built once.
var rapport string

func TestMain(m *testing.M) {
	Child()
	clickhousetest.Child()
	flag.Parse()
	if *seedFlag == 0 {
		*seedFlag = uint64(time.Now().UnixNano())
	}
	os.Exit(e2e.Run(paged{m}, func(binary string) { rapport = binary }))
}

// paged is a run with the page after it.
type paged struct{ *testing.M }

// Run runs the tests. A run that failed writes its page too: what is lost or wrong is to be seen.
func (p paged) Run() int {
	if *pageFlag == "" {
		return p.M.Run()
	}
	dir, err := os.MkdirTemp("", "rapport-faults")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	*linesFlag = filepath.Join(dir, "lines")
	started := time.Now()
	status := p.M.Run()
	if err := write(*linesFlag, *pageFlag, started); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return status
}

func write(from, to string, started time.Time) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	lines, err := report.Read(f)
	if err != nil {
		return err
	}
	how := "with a part of the points of each fault"
	if *fullFlag {
		how = "at every point of every fault"
	}
	page, err := report.Page(lines, fmt.Sprintf("This is a run %s, of %s on %s, seed %d, %d cores.", how, time.Since(started).Round(time.Minute), started.Format(time.DateOnly), *seedFlag, runtime.NumCPU()))
	if err != nil {
		return err
	}
	return os.WriteFile(to, []byte(page), 0o644)
}
