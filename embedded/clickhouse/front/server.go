package front

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse/chdb"
)

// Options say how the front serves.
type Options struct {
	// Library is the loaded engine.
	Library *chdb.Library
	// MaxConnections is how many queries run at once; further ones wait. At least 1.
	MaxConnections int
	// IdleConnections is how many connections are kept open between queries.
	IdleConnections int
	// MaxSessions is how many named sessions may be open; the front closes idle ones above it.
	MaxSessions int
	// Log gets what clients cannot be told.
	Log zerolog.Logger
}

// Server answers ClickHouse's HTTP interface.
type Server struct {
	pool     *pool
	sessions *sessions
	log      zerolog.Logger
	anchor   *conn // keeps the engine up: it stops with its last connection

	displayName, version, timezone string
}

// New starts the engine with a first connection and asks it who it is.
func New(o Options) (*Server, error) {
	s := &Server{pool: newPool(o.Library, max(o.MaxConnections, 1), o.IdleConnections), log: o.Log}
	s.sessions = newSessions(s.pool, max(o.MaxSessions, 1))
	var err error
	if s.anchor, err = openConn(o.Library); err != nil {
		return nil, fmt.Errorf("first connection: %w", err)
	}
	r, err := s.anchor.Query(chdb.Statement{SQL: "SELECT displayName(), version(), timezone()", Format: "JSONCompactEachRow"})
	if err != nil {
		s.anchor.Close()
		return nil, fmt.Errorf("ask the engine for its version: %w", err)
	}
	defer r.Close()
	var row [3]string
	if err := json.Unmarshal(r.Bytes(), &row); err != nil {
		s.anchor.Close()
		return nil, fmt.Errorf("version of the engine: %w", err)
	}
	s.displayName, s.version, s.timezone = row[0], row[1], row[2]
	return s, nil
}

// Close closes all connections. No request may be under way.
func (s *Server) Close() {
	s.sessions.close()
	s.pool.close()
	s.anchor.Close()
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/ping", "/replicas_status":
		s.ok(w)
	case "/", "/query", "":
		s.root(w, r)
	default:
		w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintf(w, "There is no handle %s\n\nUse / or /ping for health checks.\nOr /replicas_status.\n\n"+
			"Send queries from your program with POST method or GET /?query=...\n", r.URL.Path)
	}
}

func (s *Server) ok(w http.ResponseWriter) {
	newResponse(w, nil, s)
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	_, _ = w.Write([]byte("Ok.\n"))
}

func (s *Server) root(w http.ResponseWriter, r *http.Request) {
	get := r.Method == http.MethodGet || r.Method == http.MethodHead
	if get && r.URL.RawQuery == "" {
		s.ok(w)
		return
	}
	if !get && r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	q, err := parseRequest(r)
	if err != nil {
		newResponse(w, nil, s).fail(err)
		return
	}
	out := newResponse(w, q, s)
	if err := s.run(r.Context(), q, out); err != nil {
		if !errors.Is(err, errClientGone) {
			s.log.Debug().Str("query_id", q.queryID).Str("error", strings.TrimSpace(err.Error())).Msg("query failed")
		}
		out.fail(err)
	}
}

// errClientGone says that the answer cannot be delivered.
var errClientGone = errors.New("the client closed the connection")
