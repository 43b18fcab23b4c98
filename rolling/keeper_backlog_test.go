package rolling

import (
	"slices"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
)

// keepThroughABacklog tests that while one is taken in short windows are kept, and the others when it is over, or after ten minutes if it is not.
func keepThroughABacklog(t *testing.T, conn driver.Conn) {
	backlog := true
	k := startKeeper(t, conn, func(o *KeeperOptions) {
		o.HistoryDelay = 1000 * time.Hour
		o.Backlog = func() bool { return backlog }
	})
	// Past hours are recorded of all windows when nothing waits any more.
	windows := all("t")
	short, rest := windows[:2:2], slices.Concat(windows[2:5], windows[:2], windows[5:])
	k.day("t", "2026-03-10", 7)
	for _, step := range []struct {
		name string
		do   func()
		want []string
	}{
		{"a backlog begins", func() {}, short},
		{"it is over", func() { backlog = false }, rest},
		{"another one", func() { backlog = true; k.day("t", "2026-03-10", 8) }, short},
		{"it does not end", func() { k.now = k.now.Add(10 * time.Minute) }, windows},
	} {
		step.do()
		k.round()
		if diff := cmp.Diff(step.want, trimHours(k.figures.windowsAsked())); diff != "" {
			t.Errorf("%s: %s", step.name, diff)
		}
	}
}
