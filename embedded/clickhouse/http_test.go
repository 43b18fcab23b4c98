package clickhouse_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

// ask sends a query in the body; query is the address's part behind the question mark.
func ask(t *testing.T, dsn, query, body string, header ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, dsn+"/?"+query, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func answer(t *testing.T, dsn, query, body string, header ...string) string {
	t.Helper()
	resp := ask(t, dsn, query, body, header...)
	text := readAll(t, resp)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%q %.200q: %s\n%.2000s", query, body, resp.Status, text)
	}
	return text
}

func status(t *testing.T, dsn, query, body string, header ...string) int {
	t.Helper()
	resp := ask(t, dsn, query, body, header...)
	readAll(t, resp)
	return resp.StatusCode
}

func TestHTTP(t *testing.T) {
	dsn := clickhousetest.Start(t)
	t.Run("health", func(t *testing.T) {
		for path, want := range map[string]string{"/": "Ok.\n", "/ping": "Ok.\n", "/replicas_status": "Ok.\n"} {
			resp, err := http.Get(dsn + path)
			if err != nil {
				t.Fatal(err)
			}
			if got := readAll(t, resp); got != want || resp.StatusCode != http.StatusOK {
				t.Errorf("%s: %s %q", path, resp.Status, got)
			}
		}
		resp, err := http.Get(dsn + "/nope")
		if err != nil {
			t.Fatal(err)
		}
		if readAll(t, resp); resp.StatusCode != http.StatusNotFound {
			t.Errorf("unknown path: %s", resp.Status)
		}
	})
	t.Run("headers", func(t *testing.T) {
		resp := ask(t, dsn, "query_id=my-id", "SELECT number FROM numbers(3) FORMAT JSON")
		body := readAll(t, resp)
		for name, want := range map[string]string{
			"X-ClickHouse-Query-Id": "my-id", "X-ClickHouse-Format": "JSON", "X-ClickHouse-Timezone": "UTC",
			"Content-Type": "application/json; charset=UTF-8",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		var summary map[string]string
		if err := json.Unmarshal([]byte(resp.Header.Get("X-ClickHouse-Summary")), &summary); err != nil || summary["read_rows"] != "3" {
			t.Errorf("summary %q: %v", resp.Header.Get("X-ClickHouse-Summary"), err)
		}
		if !json.Valid([]byte(body)) || resp.Header.Get("X-ClickHouse-Server-Display-Name") == "" {
			t.Errorf("body %q, display name %q", body, resp.Header.Get("X-ClickHouse-Server-Display-Name"))
		}
	})
	t.Run("get", func(t *testing.T) {
		resp, err := http.Get(dsn + "/?query=" + url.QueryEscape("SELECT 1"))
		if err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, resp); got != "1\n" {
			t.Errorf("got %q", got)
		}
		for _, q := range []string{"CREATE TABLE x (a Int8) ENGINE = Memory", "INSERT INTO x VALUES (1)", "DROP DATABASE default"} {
			resp, err := http.Get(dsn + "/?query=" + url.QueryEscape(q))
			if err != nil {
				t.Fatal(err)
			}
			if text := readAll(t, resp); resp.Header.Get("X-ClickHouse-Exception-Code") != "164" {
				t.Errorf("%s by GET: %s", q, text)
			}
		}
	})
	t.Run("statements", func(t *testing.T) { statements(t, dsn) })
	t.Run("formats", func(t *testing.T) { formats(t, dsn) })
	t.Run("compression", func(t *testing.T) { compression(t, dsn) })
	t.Run("sessions", func(t *testing.T) { sessions(t, dsn) })
	t.Run("cut", func(t *testing.T) { cut(t, dsn) })
}

func statements(t *testing.T, dsn string) {
	answer(t, dsn, "", "CREATE TABLE s (a Int64, b String) ENGINE = MergeTree ORDER BY a")
	for _, c := range []struct{ query, body string }{
		{"", "INSERT INTO s VALUES (1, 'x;y'), (2, 'it''s');"},
		{"INSERT INTO s VALUES", "(3, upper('q'))"},
		{"INSERT INTO s VALUES (4, 'in the address')", ""},
		{"INSERT INTO s FORMAT CSV", "5,\"a;b\"\n6,c\n"},
		{"", "INSERT INTO s FORMAT JSONEachRow {\"a\":7,\"b\":\"j\"}\n"},
		{"", "INSERT INTO s (a) SETTINGS async_insert = 1 FORMAT TSV\n8\n9\n"},
		{"INSERT INTO s FORMAT RowBinary", "\x0a\x00\x00\x00\x00\x00\x00\x00\x03\n;\x00"}, // the data starts with a line end
		{"", "INSERT INTO s SELECT 11, 'selected'"},
		{"INSERT INTO s", "SELECT 12, 'both'"},
	} {
		answer(t, dsn, "query="+url.QueryEscape(c.query), c.body)
	}
	got := answer(t, dsn, "query=SELECT+*+FROM+s", "ORDER BY a FORMAT TSV")
	want := "1\tx;y\n2\tit\\'s\n3\tQ\n4\tin the address\n5\ta;b\n6\tc\n7\tj\n8\t\n9\t\n10\t\\n;\\0\n11\tselected\n12\tboth\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, c := range []struct{ query, body, code string }{
		{"", "", "62"},
		{"", "SELECT 1; SELECT 2", "62"},
		{"nope=1", "SELECT 1", "115"},
		{"readonly=1", "DROP TABLE s", "164"},
		{"database=nope", "SELECT 1", "81"},
		{"", "SELECT 1 INTO OUTFILE 'x'", "358"},
		{"", "INSERT INTO s FORMAT JSONEachRow {bad", "26"},
		{"session_id=none&session_check=1", "SELECT 1", "372"},
	} {
		resp := ask(t, dsn, c.query, c.body)
		text := readAll(t, resp)
		code := resp.Header.Get("X-ClickHouse-Exception-Code")
		if resp.StatusCode == http.StatusOK || !strings.HasPrefix(text, "Code: "+code) || code != c.code {
			t.Errorf("%q %q: %s, code %s, %s", c.query, c.body, resp.Status, code, text)
		}
	}
}

// Every format writes what it reads.
func formats(t *testing.T, dsn string) {
	answer(t, dsn, "", "CREATE TABLE f (a Int64, b String, c Array(Nullable(Int8))) ENGINE = MergeTree ORDER BY a")
	const fill = "INSERT INTO f SELECT number, concat('v;\\'\\n', toString(number)), [number % 100, NULL] FROM numbers(100000)"
	const sum = "SELECT count(), sum(cityHash64(*)) FROM f"
	for _, format := range []string{
		"JSON", "JSONCompact", "JSONEachRow", "JSONCompactEachRow", "CSV", "CSVWithNames", "TSV", "TSVWithNames",
		"TSVWithNamesAndTypes", "RowBinary", "RowBinaryWithNames", "RowBinaryWithNamesAndTypes", "Native", "Parquet", "ArrowStream", "Values",
		"CSVWithNamesAndTypes", "JSONCompactEachRowWithNamesAndTypes",
	} {
		answer(t, dsn, "", "TRUNCATE TABLE f")
		answer(t, dsn, "", fill)
		want := answer(t, dsn, "", sum)
		data := answer(t, dsn, "default_format="+format, "SELECT * FROM f ORDER BY a")
		answer(t, dsn, "", "TRUNCATE TABLE f")
		answer(t, dsn, "query=INSERT+INTO+f+FORMAT+"+format, data)
		if got := answer(t, dsn, "", sum); got != want {
			t.Errorf("%s: %s, want %s", format, got, want)
		}
	}
	totals := answer(t, dsn, "", "SELECT a % 2 AS k, count() AS n FROM f GROUP BY k WITH TOTALS ORDER BY k FORMAT TSVWithNames")
	if want := "k\tn\n0\t50000\n1\t50000\n\n0\t100000\n"; totals != want {
		t.Errorf("totals: %q", totals)
	}
}

func compression(t *testing.T, dsn string) {
	const query = "SELECT number FROM numbers(100000)"
	plain := answer(t, dsn, "", query)
	resp := ask(t, dsn, "enable_http_compression=1", query, "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	_ = resp.Body.Close()
	if err != nil || string(text) != plain || resp.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("gzip answer: %d bytes of %d, %v", len(text), len(plain), err)
	}
	resp = ask(t, dsn, "", query, "Accept-Encoding", "gzip")
	if readAll(t, resp); resp.Header.Get("Content-Encoding") != "" {
		t.Error("compressed unasked")
	}
	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	_, _ = w.Write([]byte("CREATE TABLE z ENGINE = Memory AS SELECT 7 AS a"))
	_ = w.Close()
	answer(t, dsn, "", body.String(), "Content-Encoding", "gzip")
	if got := answer(t, dsn, "", "SELECT a FROM z"); got != "7\n" {
		t.Errorf("gzip request: %q", got)
	}
}

func sessions(t *testing.T, dsn string) {
	answer(t, dsn, "session_id=a", "CREATE TEMPORARY TABLE kept (a UInt8)")
	answer(t, dsn, "session_id=a", "INSERT INTO kept VALUES (5)")
	answer(t, dsn, "session_id=a", "SET max_block_size = 99")
	if got := answer(t, dsn, "session_id=a", "SELECT a, getSetting('max_block_size') FROM kept"); got != "5\t99\n" {
		t.Errorf("session holds %q", got)
	}
	if code := status(t, dsn, "session_id=b", "SELECT a FROM kept"); code != http.StatusNotFound {
		t.Errorf("another session sees the table: %d", code)
	}
	answer(t, dsn, "session_id=a&close_session=1", "SELECT 1")
	if code := status(t, dsn, "session_id=a&session_check=1", "SELECT 1"); code != http.StatusNotFound {
		t.Errorf("closed session answers: %d", code)
	}
}

// An insert whose body is cut short stores nothing.
func cut(t *testing.T, dsn string) {
	answer(t, dsn, "", "CREATE TABLE c (a Int64) ENGINE = MergeTree ORDER BY a")
	read, write := io.Pipe()
	go func() {
		_, _ = write.Write([]byte("1\n2\n"))
		write.CloseWithError(io.ErrClosedPipe)
	}()
	if _, err := http.Post(dsn+"/?query=INSERT+INTO+c+FORMAT+TSV", "", read); err == nil {
		t.Error("the cut request was answered")
	}
	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	_, _ = w.Write([]byte("1\n2\n"))
	_ = w.Close()
	if code := status(t, dsn, "query=INSERT+INTO+c+FORMAT+TSV", body.String()[:body.Len()-6], "Content-Encoding", "gzip"); code == http.StatusOK {
		t.Error("a cut gzip body was taken")
	}
	if got := answer(t, dsn, "", "SELECT count() FROM c"); got != "0\n" {
		t.Errorf("%s rows were stored", got)
	}
}
