package front

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/rapport-project/rapport/embedded/clickhouse/chdb"
)

func TestSlots(t *testing.T) {
	s := newSlots(reservedSlots+2, time.Millisecond)
	var release []func()
	take := func(long bool) int {
		r, err := s.take(t.Context(), long)
		if err == nil {
			release = append(release, r)
			return 0
		}
		var e *chdb.Error
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		if e.Code == codeTooManyQueries && statusOf(e) != http.StatusServiceUnavailable {
			t.Errorf("status %d", statusOf(e))
		}
		return e.Code
	}
	for i, c := range []struct {
		long bool
		want int
	}{
		{true, 0}, {true, 0}, {true, codeTooManyQueries},
		{false, 0}, {false, 0}, {false, 0}, {false, 0}, {false, codeTooManyQueries},
	} {
		if got := take(c.long); got != c.want {
			t.Errorf("%d: code %d, want %d", i, got, c.want)
		}
	}
	release[0]()
	if got := take(true); got != 0 {
		t.Errorf("code %d once one ended", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.wait = time.Hour
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := s.take(ctx, true); err == nil {
		t.Error("the wait of a client that is gone went on")
	}
}

func TestLongStatements(t *testing.T) {
	for text, want := range map[string]bool{
		"SELECT 1": false, "SELECT displayName(), version()": false, "SHOW TABLES FROM d": false, "DESCRIBE TABLE t": false,
		"KILL QUERY WHERE 1": false, "CREATE TABLE t (a Int8) ENGINE = Null": false, "SELECT 'select from'": false,
		"select a from t": true, "(SELECT (SELECT count() FROM t))": true, "WITH x AS (SELECT 1 FROM t) SELECT 1": true,
		"FROM t SELECT a": true, "INSERT INTO t SELECT a FROM u": true, "EXPLAIN SELECT 1 FROM t": true,
	} {
		if got := parseStatement(text).long; got != want {
			t.Errorf("%s: long is %t", text, got)
		}
	}
}
