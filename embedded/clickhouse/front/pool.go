package front

import (
	"context"
	"sync"

	"github.com/rapport-project/rapport/embedded/clickhouse/chdb"
)

// pool hands out connections: at most limit at once, of which some are kept when idle.
type pool struct {
	lib   *chdb.Library
	slots chan struct{} // one per connection in use
	keep  int

	mu     sync.Mutex
	idle   []*conn
	closed bool
}

func newPool(lib *chdb.Library, limit, keep int) *pool {
	return &pool{lib: lib, slots: make(chan struct{}, limit), keep: keep}
}

// get waits for a free place and returns a connection, the one used last if possible: its settings likely fit.
func (p *pool) get(ctx context.Context) (*conn, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, newError(codeTooManyQueries, "TOO_MANY_SIMULTANEOUS_QUERIES", "No free connection: %v", ctx.Err())
	}
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	c, err := openConn(p.lib)
	if err != nil {
		<-p.slots
		return nil, err
	}
	return c, nil
}

// put takes a connection back.
func (p *pool) put(c *conn) {
	defer func() { <-p.slots }()
	p.mu.Lock()
	if !c.dirty && !p.closed && len(p.idle) < p.keep {
		p.idle = append(p.idle, c)
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	c.Close()
}

// close closes idle connections; those in use close when put back.
func (p *pool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, c := range idle {
		c.Close()
	}
}
