package front

import (
	"sync"
	"time"
)

// sessions are connections clients keep by a name of their own: temporary tables and SET last until the session ends.
type sessions struct {
	pool  *pool
	limit int

	mu   sync.Mutex
	open map[string]*session
}

type session struct {
	conn  *conn
	busy  bool
	timer *time.Timer
}

func newSessions(p *pool, limit int) *sessions {
	return &sessions{pool: p, limit: limit, open: map[string]*session{}}
}

// get returns the session's connection; must says that it has to exist already. A session runs one query at a time.
func (s *sessions) get(id string, must bool) (*conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.open[id]; ok {
		if found.busy {
			return nil, newError(codeSessionLocked, "SESSION_IS_LOCKED", "Session %s is locked by a concurrent client", id)
		}
		found.busy = true
		found.timer.Stop()
		return found.conn, nil
	}
	if must {
		return nil, newError(codeSessionMissing, "SESSION_NOT_FOUND", "Session %s not found", id)
	}
	if !s.makeRoom() {
		return nil, newError(codeTooManyQueries, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many sessions: all %d run a query", s.limit)
	}
	c, err := s.pool.open()
	if err != nil {
		return nil, err
	}
	s.open[id] = &session{conn: c, busy: true}
	return c, nil
}

// makeRoom closes an idle session when there are too many; a client that returns to it starts anew. It reports whether
// there is room for one more.
func (s *sessions) makeRoom() bool {
	if len(s.open) < s.limit {
		return true
	}
	for id, other := range s.open {
		if !other.busy {
			s.drop(id, other)
			return true
		}
	}
	return false
}

func (s *sessions) drop(id string, of *session) {
	if of.timer != nil {
		of.timer.Stop()
	}
	delete(s.open, id)
	of.conn.Close()
}

// put ends a query of the session and starts its timeout, or ends the session.
func (s *sessions) put(id string, timeout time.Duration, end bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.open[id]
	if !ok {
		return
	}
	found.busy = false
	if end {
		s.drop(id, found)
		return
	}
	found.timer = time.AfterFunc(timeout, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if now, ok := s.open[id]; ok && now == found && !now.busy {
			s.drop(id, now)
		}
	})
}

// close ends all sessions that run nothing.
func (s *sessions) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, found := range s.open {
		if !found.busy {
			s.drop(id, found)
		}
	}
}
