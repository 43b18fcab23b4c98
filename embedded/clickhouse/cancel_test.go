package clickhouse_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

// endless are queries that take hours: streamed, not streamed, and one that writes.
var endless = []string{
	"SELECT count() FROM numbers(40000000000000) SETTINGS log_comment = 'endless'",
	"SELECT count() FROM numbers(40000000000000) FORMAT PrettyCompact SETTINGS log_comment = 'endless'",
	"SELECT number FROM numbers(40000000000000) SETTINGS log_comment = 'endless'", // answers faster than anyone reads
	"INSERT INTO sink SELECT number FROM numbers(40000000000000) SETTINGS log_comment = 'endless'",
}

// crowd sends queries whose answers are not read until the returned function is called, which closes their connections.
func crowd(t *testing.T, dsn string, n int, queries ...string) (leave func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	client := &http.Client{Transport: &http.Transport{}}
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, dsn, strings.NewReader(queries[i%len(queries)]))
			if err != nil {
				t.Error(err)
				return
			}
			if resp, err := client.Do(req); err == nil {
				<-ctx.Done()
				_ = resp.Body.Close()
			}
		})
	}
	leave = func() {
		cancel()
		wg.Wait()
		client.CloseIdleConnections()
	}
	t.Cleanup(leave)
	return leave
}

func running(t *testing.T, dsn string) string {
	return answer(t, dsn, "", "SHOW PROCESSLIST FORMAT TSV")
}

func countRunning(t *testing.T, dsn string) int {
	n := 0
	for row := range strings.Lines(running(t, dsn)) {
		if strings.Contains(row, "endless") {
			n++
		}
	}
	return n
}

// Queries whose clients are gone are cancelled and free their slots. While they run, inserts and short statements pass.
func TestAbandonedQueriesEnd(t *testing.T) {
	const limit = 12
	s := clickhousetest.StartSupervisor(t, clickhouse.Options{DataDir: t.TempDir(), Config: clickhouse.Config{MaxConnections: limit}})
	dsn := s.DSN()
	answer(t, dsn, "", "CREATE TABLE sink (a UInt64) ENGINE = Null")
	answer(t, dsn, "", "CREATE TABLE kept (a UInt64) ENGINE = MergeTree ORDER BY a")
	leave := crowd(t, dsn, limit+1, endless...)
	eventually(t, "the queries run", func() bool { return countRunning(t, dsn) == limit-4 })

	began := time.Now()
	answer(t, dsn, "", "INSERT INTO kept VALUES (1), (2)")
	open(t, dsn, nil) // the driver asks for the version
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("an insert took %s beside long queries", took)
	}
	leave()
	eventually(t, "the abandoned queries end", func() bool { return countRunning(t, dsn) == 0 })
	if got := answer(t, dsn, "", "SELECT count() FROM kept"); got != "2\n" {
		t.Errorf("%q rows are stored, want 2", got)
	}
}

// A form does not end where its last part does, and an encoded body not where its data does: clients that leave are
// noticed all the same.
func TestAbandonedFormEnds(t *testing.T) {
	dsn := clickhousetest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const form = "--x\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\n%s\r\n--x--\r\nepilogue\r\n"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, dsn, strings.NewReader(fmt.Sprintf(form, endless[0])))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	done := make(chan struct{})
	go func() {
		defer close(done)
		if resp, err := http.DefaultTransport.RoundTrip(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	eventually(t, "the query runs", func() bool { return countRunning(t, dsn) == 1 })
	cancel()
	<-done
	eventually(t, "the query ends", func() bool { return countRunning(t, dsn) == 0 })
}

// A stop cancels what runs, tells the clients, stores nothing of an insert that is still being sent, and is clean.
func TestStopCancelsQueries(t *testing.T) {
	clickhousetest.RequireLibrary(t)
	dir := t.TempDir()
	s := clickhouse.New(clickhouse.Options{
		DataDir: dir, Log: zerolog.Nop(), Config: clickhouse.Config{Addr: "127.0.0.1:0", StopTimeout: 6 * time.Second},
	})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	if err := s.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	dsn := s.DSN()
	answer(t, dsn, "", "CREATE TABLE sink (a UInt64) ENGINE = Null")
	answer(t, dsn, "", "CREATE TABLE kept (a UInt64) ENGINE = MergeTree ORDER BY a")
	crowd(t, dsn, 6, endless...)
	told := make(chan string, 1)
	go func() {
		resp, err := http.Post(dsn, "", strings.NewReader(endless[0]))
		if err != nil {
			told <- err.Error()
			return
		}
		defer func() { _ = resp.Body.Close() }()
		text, _ := io.ReadAll(resp.Body)
		told <- string(text)
	}()
	read, write := io.Pipe()
	defer func() { _ = write.Close() }()
	go func() {
		if resp, err := http.Post(dsn+"/?query="+url.QueryEscape("INSERT INTO kept FORMAT TSV"), "", read); err == nil {
			_ = resp.Body.Close()
		}
	}()
	if _, err := write.Write([]byte("1\n2\n")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the queries run", func() bool { return countRunning(t, dsn) == 7 && strings.Contains(running(t, dsn), "INSERT INTO kept") })
	began := time.Now()
	stop()
	if err := <-done; err != nil {
		t.Errorf("stop amid queries: %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the stop took %s", took)
	}
	if text := <-told; !strings.Contains(text, "Code: 394.") {
		t.Errorf("a client was told %q", text)
	}
	again := clickhousetest.StartSupervisor(t, clickhouse.Options{DataDir: dir})
	if got := answer(t, again.DSN(), "", "SELECT count() FROM kept"); got != "0\n" {
		t.Errorf("%q rows of the cut insert are stored", got)
	}
}

// A stop before the child answers is no error.
func TestStopAmidStart(t *testing.T) {
	clickhousetest.RequireLibrary(t)
	for _, when := range []string{"before", "amid"} {
		s := clickhouse.New(clickhouse.Options{DataDir: t.TempDir(), Log: zerolog.Nop(), Config: clickhouse.Config{Addr: "127.0.0.1:0"}})
		ctx, stop := context.WithCancel(t.Context())
		if when == "before" {
			stop()
		}
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		if when == "amid" {
			eventually(t, "the child is started", func() bool { return s.PID() != 0 })
			stop()
		}
		if err := <-done; err != nil {
			t.Errorf("stopped %s the start: %v", when, err)
		}
		stop()
	}
}

// Sessions count as queries while they run one, and no more of them exist than are allowed.
func TestSessionsAreBounded(t *testing.T) {
	const limit = 6
	s := clickhousetest.StartSupervisor(t, clickhouse.Options{DataDir: t.TempDir(), Config: clickhouse.Config{MaxConnections: limit}})
	dsn := s.DSN()
	for i := range 3 * limit {
		answer(t, dsn, fmt.Sprint("session_id=idle", i), "SELECT 1")
	}
	kept := 0
	for i := range 3 * limit {
		if status(t, dsn, fmt.Sprintf("session_check=1&session_id=idle%d", i), "SELECT 1") == http.StatusOK {
			kept++
		}
	}
	if kept != limit {
		t.Errorf("%d sessions are kept, want %d", kept, limit)
	}
	for i := range limit {
		crowd(t, dsn+fmt.Sprint("/?session_id=busy", i), 1, endless[0])
	}
	eventually(t, "the queries run", func() bool { return countRunning(t, dsn) == limit-4 })
	if n := countRunning(t, dsn); n > limit-4 {
		t.Errorf("%d long queries of sessions run, want at most %d", n, limit-4)
	}
}
