package store

import (
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
)

// TestAway: whoever cannot reach ClickHouse is told the host and the cause, and no address of many settings.
func TestAway(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, dsn := range []string{"http://user:secret@" + addr + "/x", "clickhouse://user:secret@" + addr + "/x"} {
		conn, err := Open(Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		away, ok := Away(conn.Ping(t.Context()), dsn)
		if !ok || !errors.Is(away, syscall.ECONNREFUSED) {
			t.Fatalf("%s: not taken for away: %v", dsn, away)
		}
		if text := away.Error(); !strings.Contains(text, addr) || !strings.Contains(text, "refused") || strings.Contains(text, "session_timezone") || len(text) > 150 {
			t.Errorf("%s: %s", dsn, text)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	other := &net.OpError{Op: "dial", Err: errors.New("127.0.0.1:9092: refused")}
	if err, ok := Away(other, "http://127.0.0.1:8123"); ok || !errors.Is(err, other) {
		t.Errorf("Kafka's error was taken for ClickHouse's: %v", err)
	}
}
