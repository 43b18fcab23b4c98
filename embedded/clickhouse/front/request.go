package front

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rapport-project/rapport/embedded/clickhouse/chdb"
)

// request is an HTTP request taken apart.
type request struct {
	query    string // of the address
	body     *bufio.Reader
	raw      io.Reader // below the body, with what its decoding leaves unread
	external []externalTable

	queryID  string
	database string
	format   string // default format, or empty
	params   []chdb.Param
	settings map[string]string

	sessionID      string
	sessionTimeout time.Duration
	sessionCheck   bool
	closeSession   bool

	revision     uint64
	compress     bool // answer in ClickHouse's own compression
	waitForEnd   bool
	get          bool
	readonly     int // of the readonly setting: 0, 1 or 2
	httpEncoding string
}

// reserved are parameters of the interface, which are no settings.
var reserved = map[string]bool{
	"query": true, "database": true, "default_format": true, "query_id": true, "user": true, "password": true,
	"quota_key": true, "role": true, "session_id": true, "session_timeout": true, "session_check": true,
	"close_session": true, "client_protocol_version": true, "compress": true, "decompress": true,
	"buffer_size": true, "wait_end_of_query": true, "stacktrace": true, "readonly": true,
}

// peekSize is how much of a body may be looked at for the head of an INSERT.
const peekSize = 1 << 20

const (
	defaultSessionTimeout = time.Minute
	maxSessionTimeout     = time.Hour
)

func parseRequest(r *http.Request) (*request, error) {
	values := r.URL.Query()
	q := &request{
		queryID:  first(values.Get("query_id"), r.Header.Get("X-ClickHouse-Query-Id"), uuid.NewString()),
		database: first(values.Get("database"), r.Header.Get("X-ClickHouse-Database")),
		get:      r.Method == http.MethodGet || r.Method == http.MethodHead,
		settings: map[string]string{},
	}
	body, err := decodeBody(r, enabled(values.Get("decompress")))
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		fields, tables, err := readForm(r.Header.Get("Content-Type"), body, values)
		if err != nil {
			return nil, err
		}
		for name, v := range fields {
			values[name] = append(values[name], v...)
		}
		q.external, body = tables, strings.NewReader("")
	}
	q.raw = r.Body
	q.body = bufio.NewReaderSize(body, peekSize)
	q.query = strings.Join(values["query"], "")
	q.format = first(values.Get("default_format"), r.Header.Get("X-ClickHouse-Format"))
	q.compress, q.waitForEnd = enabled(values.Get("compress")), enabled(values.Get("wait_end_of_query"))
	q.revision, _ = strconv.ParseUint(values.Get("client_protocol_version"), 10, 64)
	q.readonly, _ = strconv.Atoi(values.Get("readonly"))
	if q.get && q.readonly == 0 {
		q.readonly = 2
	}
	if err := q.readSession(values); err != nil {
		return nil, err
	}
	q.readSettings(values)
	if enabled(q.settings["enable_http_compression"]) && !q.compress {
		q.httpEncoding = chooseEncoding(r.Header.Get("Accept-Encoding"))
	}
	return q, nil
}

func (q *request) readSession(values url.Values) error {
	q.sessionID = values.Get("session_id")
	q.sessionCheck, q.closeSession = enabled(values.Get("session_check")), enabled(values.Get("close_session"))
	q.sessionTimeout = defaultSessionTimeout
	text := values.Get("session_timeout")
	if text == "" {
		return nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 0 {
		return newError(codeBadArguments, "BAD_ARGUMENTS", "Invalid session timeout: '%s'", text)
	}
	q.sessionTimeout = min(time.Duration(seconds)*time.Second, maxSessionTimeout)
	return nil
}

// tableParameter describes the data of an external table: NAME_structure and so on.
var tableParameter = regexp.MustCompile(`^(.+)_(structure|format|types)$`)

// readSettings takes every parameter that is not the interface's own for a setting.
func (q *request) readSettings(values url.Values) {
	tables := map[string]bool{}
	for _, t := range q.external {
		tables[t.name] = true
	}
	for name, v := range values {
		if reserved[name] || len(v) == 0 {
			continue
		}
		if param, ok := strings.CutPrefix(name, "param_"); ok {
			q.params = append(q.params, chdb.Param{Name: param, Value: v[0]})
			continue
		}
		if m := tableParameter.FindStringSubmatch(name); m != nil && tables[m[1]] {
			continue
		}
		q.settings[name] = v[len(v)-1]
	}
}

// statementText returns the whole text of a query that is no insert with data: address and body make one text.
func (q *request) statementText() (string, error) {
	body, err := io.ReadAll(q.body)
	if err != nil {
		return "", bodyError(err)
	}
	if q.query == "" {
		return string(body), nil
	}
	if len(body) == 0 {
		return q.query, nil
	}
	return q.query + "\n" + string(body), nil
}

// drainBytes bounds what is read behind the end of a body's encoding.
const drainBytes = 64 << 10

// drain reads the body to its very end: net/http notices that a client is gone only from there on.
func (q *request) drain() { _, _ = io.CopyN(io.Discard, q.raw, drainBytes) }

// insert tells whether the request is an INSERT with data and returns its head and where its data comes from.
func (q *request) insert() (insertHeader, io.Reader, bool, error) {
	if strings.TrimSpace(q.query) != "" {
		h, kind := parseInsert(strings.TrimRight(q.query, " \t\r\n"), true)
		switch kind {
		case notInsert:
			return h, nil, false, nil
		case insertData:
			inline := strings.TrimRight(q.query, " \t\r\n")[h.data:]
			if inline == "" {
				return h, q.body, true, nil
			}
			return h, io.MultiReader(strings.NewReader(inline), newlineBefore(q.body)), true, nil
		}
	}
	for size := 4096; ; size *= 4 {
		peeked, err := q.body.Peek(min(size, peekSize))
		complete := err != nil || size >= peekSize
		if err != nil && err != io.EOF {
			return insertHeader{}, nil, false, bodyError(err)
		}
		text, prefix := string(peeked), 0
		if strings.TrimSpace(q.query) != "" {
			text, prefix = q.query+"\n"+text, len(q.query)+1
		}
		h, kind := parseInsert(text, complete)
		if kind == insertOpen {
			continue
		}
		if kind != insertData {
			return h, nil, false, nil
		}
		if h.data < prefix {
			return h, io.MultiReader(strings.NewReader(text[h.data:prefix]), q.body), true, nil
		}
		_, err = q.body.Discard(h.data - prefix)
		return h, q.body, true, err
	}
}

// newlineBefore puts a line end before a body that is not empty, as ClickHouse does between address and body.
func newlineBefore(body *bufio.Reader) io.Reader {
	if _, err := body.Peek(1); err != nil {
		return body
	}
	return io.MultiReader(strings.NewReader("\n"), body)
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func enabled(v string) bool { return v == "1" || strings.EqualFold(v, "true") }
