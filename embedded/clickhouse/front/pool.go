package front

import (
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/rapport-project/rapport/embedded/clickhouse/chdb"
)

// pool opens connections and keeps some when idle. How many are in use at once is for slots to say.
type pool struct {
	lib    *chdb.Library
	keep   int
	opened atomic.Uint64

	mu     sync.Mutex
	idle   []*conn
	closed bool
}

func newPool(lib *chdb.Library, keep int) *pool { return &pool{lib: lib, keep: keep} }

// open returns a new connection with a name of its own, by which the killer finds what it runs.
func (p *pool) open() (*conn, error) {
	return openConn(p.lib, "connection "+strconv.FormatUint(p.opened.Add(1), 10))
}

// get returns a connection, the one used last if possible: its settings likely fit.
func (p *pool) get() (*conn, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	return p.open()
}

// put takes a connection back.
func (p *pool) put(c *conn) {
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
