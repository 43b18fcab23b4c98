package clickhouse_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

const patience = 60 * time.Second

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %s in vain: %s", patience, what)
		}
	}
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// A child killed amid inserts comes back by itself with every row that was acknowledged, none twice.
func TestKilledChildLosesNothing(t *testing.T) {
	reg := prometheus.NewRegistry()
	s := clickhousetest.StartSupervisor(t, clickhouse.Options{DataDir: t.TempDir(), Registerer: reg, Log: zerolog.Nop()})
	conn := open(t, s.DSN(), func(o *driver.Options) { o.MaxOpenConns = 8 })
	run(t, conn, "CREATE DATABASE d", "CREATE TABLE d.t (id UInt64, s String) ENGINE = MergeTree ORDER BY id")
	const rows = 1000
	var mu sync.Mutex
	acked := map[uint64]bool{}
	count := func() int { mu.Lock(); defer mu.Unlock(); return len(acked) }
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				id := uint64(w*1_000_000 + n)
				batch, err := conn.PrepareBatch(ctx, "INSERT INTO d.t (id, s)")
				if err != nil {
					continue
				}
				for range rows {
					_ = batch.Append(id, odd(n))
				}
				if batch.Send() == nil {
					mu.Lock()
					acked[id] = true
					mu.Unlock()
				}
			}
		})
	}
	const kills = 3
	for range kills {
		before, pid := count(), s.PID()
		eventually(t, "inserts go on", func() bool { return count() > before+20 })
		kill(t, pid)
		eventually(t, "a new child runs", func() bool { return s.PID() != 0 && s.PID() != pid })
	}
	last := count()
	eventually(t, "inserts go on after the last kill", func() bool { return count() > last+20 })
	stop()
	wg.Wait()

	conn = open(t, s.DSN(), nil)
	stored, err := conn.Query(t.Context(), "SELECT id, count() FROM d.t GROUP BY id")
	if err != nil {
		t.Fatal(err)
	}
	for stored.Next() {
		var id, n uint64
		if err := stored.Scan(&id, &n); err != nil {
			t.Fatal(err)
		}
		if n != rows {
			t.Errorf("batch %d has %d rows", id, n)
		}
		delete(acked, id)
	}
	if err := stored.Err(); err != nil {
		t.Fatal(err)
	}
	for id := range acked {
		t.Errorf("batch %d was acknowledged and is not stored", id)
	}
	if err := testutil.GatherAndCompare(reg, strings.NewReader(fmt.Sprintf(`
		# HELP rapport_embedded_clickhouse_restarts_total Starts of the embedded ClickHouse after it ended unasked.
		# TYPE rapport_embedded_clickhouse_restarts_total counter
		rapport_embedded_clickhouse_restarts_total %d
		# HELP rapport_embedded_clickhouse_up 1 while the embedded ClickHouse answers, 0 while it starts or is down.
		# TYPE rapport_embedded_clickhouse_up gauge
		rapport_embedded_clickhouse_up 1
	`, kills))); err != nil {
		t.Error(err)
	}
}

func TestDataSurvivesRestart(t *testing.T) {
	dir := t.TempDir()
	t.Run("first", func(t *testing.T) {
		conn := open(t, clickhousetest.StartSupervisor(t, clickhouse.Options{DataDir: dir}).DSN(), nil)
		run(t, conn, "CREATE DATABASE d", "CREATE TABLE d.t (a UInt64) ENGINE = MergeTree ORDER BY a", "INSERT INTO d.t VALUES (1), (2)",
			"CREATE VIEW d.v AS SELECT a FROM d.t WHERE a > {low:UInt64}", "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a",
			"INSERT INTO t VALUES (3)")
	})
	conn := open(t, clickhousetest.StartSupervisor(t, clickhouse.Options{DataDir: dir}).DSN(), nil)
	if n := scan[uint64](t, conn, "SELECT (SELECT count() FROM d.t) * 100 + (SELECT count() FROM d.v(low = 1)) * 10 + (SELECT count() FROM t)"); n != 211 {
		t.Errorf("found %d after the restart, want 211", n)
	}
}

// startParent starts this binary as a parent of its own and returns what it prints first.
func startParent(t *testing.T, dir string) (*exec.Cmd, string) {
	t.Helper()
	clickhousetest.RequireLibrary(t)
	library, err := clickhouse.LibraryPath("")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), parentEnv+"="+dir, "RAPPORT_LIBCHDB="+library)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, strings.TrimSpace(line)
}

func TestKilledParentTakesTheChild(t *testing.T) {
	dir := t.TempDir()
	cmd, line := startParent(t, dir)
	var pid int
	var dsn string
	if _, err := fmt.Sscan(line, &pid, &dsn); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if got := answer(t, dsn, "", "SELECT 1"); got != "1\n" {
		t.Errorf("answer %q", got)
	}
	kill(t, cmd.Process.Pid)
	eventually(t, "the child is gone", func() bool { return syscall.Kill(pid, 0) != nil || zombie(pid) })
	// A successor waits for whatever is left of the dying child, and finds the data.
	open(t, clickhousetest.StartSupervisor(t, clickhouse.Options{DataDir: dir}).DSN(), nil)
}

// zombie tells an ended process nobody has waited for.
func zombie(pid int) bool {
	text, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pid), "stat"))
	_, state, _ := strings.Cut(string(text), ") ")
	return err != nil || strings.HasPrefix(state, "Z")
}

func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	first := clickhousetest.StartSupervisor(t, clickhouse.Options{DataDir: dir})
	_, line := startParent(t, dir)
	for _, part := range []string{"error:", dir, fmt.Sprint("process ", first.PID()), "in use"} {
		if !strings.Contains(line, part) {
			t.Errorf("second process said %q, which lacks %q", line, part)
		}
	}
	if got := answer(t, first.DSN(), "", "SELECT 1"); got != "1\n" {
		t.Errorf("the first answers %q", got)
	}
}

func TestMissingLibrary(t *testing.T) {
	t.Setenv("RAPPORT_LIBCHDB", filepath.Join(t.TempDir(), "none.so"))
	s := clickhouse.New(clickhouse.Options{DataDir: t.TempDir(), Log: zerolog.Nop()})
	err := s.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "make build") || !strings.Contains(err.Error(), "RAPPORT_LIBCHDB") {
		t.Errorf("Run: %v", err)
	}
	if ready := s.Ready(t.Context()); ready == nil {
		t.Error("Ready although Run failed")
	}
	if clickhouse.Check("") == nil {
		t.Error("Check found the library")
	}
	text := filepath.Join(t.TempDir(), "text.so")
	if err := os.WriteFile(text, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := clickhouse.Check(text); err == nil || !strings.Contains(err.Error(), "not a shared library") {
		t.Errorf("Check of a text: %v", err)
	}
}
