package front

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse/chdb"
)

// Options say how the front serves.
type Options struct {
	// Library is the loaded engine.
	Library *chdb.Library
	// MaxConnections is how many queries run at once; further ones wait. At least 1. Queries that read tables leave 4 of
	// them to inserts and short statements.
	MaxConnections int
	// MaxWait is how long a query waits for others to end before it is refused; 0 is 30 s.
	MaxWait time.Duration
	// IdleConnections is how many connections are kept open between queries.
	IdleConnections int
	// MaxSessions is how many named sessions may be open, at least 1: one more ends an idle one, or is refused when all of
	// them run a query.
	MaxSessions int
	// LoopbackOnly says that clients reach the server by a loopback address only, so that any other Host is refused.
	LoopbackOnly bool
	// Log gets what clients cannot be told.
	Log zerolog.Logger
}

// defaultMaxWait is shorter than the time-outs of the drivers, so that their users learn why.
const defaultMaxWait = 30 * time.Second

// Server answers ClickHouse's HTTP interface.
type Server struct {
	pool         *pool
	slots        *slots
	sessions     *sessions
	log          zerolog.Logger
	loopbackOnly bool
	// killer has the first connection, which also keeps the engine up: it stops with its last connection.
	killer *killer

	displayName, version, timezone string
}

// New starts the engine with a first connection and asks it who it is.
func New(o Options) (*Server, error) {
	s := &Server{
		pool: newPool(o.Library, o.IdleConnections), slots: newSlots(max(o.MaxConnections, 1), cmp.Or(o.MaxWait, defaultMaxWait)),
		log: o.Log, loopbackOnly: o.LoopbackOnly, killer: &killer{log: o.Log},
	}
	s.sessions = newSessions(s.pool, max(o.MaxSessions, 1))
	anchor, err := s.pool.open()
	if err != nil {
		return nil, fmt.Errorf("first connection: %w", err)
	}
	s.killer.conn = anchor
	r, err := anchor.Query(chdb.Statement{SQL: "SELECT displayName(), version(), timezone()", Format: "JSONCompactEachRow"})
	if err != nil {
		anchor.Close()
		return nil, fmt.Errorf("ask the engine for its version: %w", err)
	}
	defer r.Close()
	var row [3]string
	if err := json.Unmarshal(r.Bytes(), &row); err != nil {
		anchor.Close()
		return nil, fmt.Errorf("version of the engine: %w", err)
	}
	s.displayName, s.version, s.timezone = row[0], row[1], row[2]
	return s, nil
}

// Close closes all connections. No request may be under way.
func (s *Server) Close() {
	s.sessions.close()
	s.pool.close()
	s.killer.conn.Close()
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if why := foreign(r, s.loopbackOnly); why != "" {
		newResponse(w, nil, s).fail(newError(codeAccessDenied, "ACCESS_DENIED", "%s", why))
		return
	}
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
	defer endBody(r.Context(), w)()
	q, err := parseRequest(r)
	if err != nil {
		newResponse(w, nil, s).fail(err)
		return
	}
	out := newResponse(w, q, s)
	if err := s.run(r.Context(), q, out); err != nil {
		if !errors.Is(err, errClientGone) && r.Context().Err() == nil {
			s.log.Debug().Str("query_id", q.queryID).Str("error", strings.TrimSpace(err.Error())).Msg("query failed")
		}
		out.fail(err)
	}
}

// errClientGone says that the answer cannot be delivered.
var errClientGone = errors.New("the client closed the connection")
