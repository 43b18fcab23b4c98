package kafka

import (
	"context"
	"net"
	"sync"
	"time"
)

// sockets opens connections and remembers them. Several calls of kafka-go take no context; closing the sockets under
// them is what ends them.
type sockets struct {
	dialer net.Dialer

	mu     sync.Mutex
	open   map[*socket]struct{}
	closed bool
}

func newSockets() *sockets {
	return &sockets{open: make(map[*socket]struct{})}
}

type socket struct {
	net.Conn
	owner *sockets
}

func (s *sockets) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := s.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	// kafka-go logs in (SASL) without a deadline of its own; it sets one again before every later request.
	if err := conn.SetDeadline(time.Now().Add(dialTimeout)); err != nil {
		_ = conn.Close()
		return nil, err
	}
	out := &socket{Conn: conn, owner: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	s.open[out] = struct{}{}
	return out, nil
}

// Close closes the connection and forgets it.
func (c *socket) Close() error {
	c.owner.mu.Lock()
	delete(c.owner.open, c)
	c.owner.mu.Unlock()
	return c.Conn.Close()
}

// close ends every connection and refuses new ones.
func (s *sockets) close() {
	s.mu.Lock()
	s.closed = true
	open := s.open
	s.open = make(map[*socket]struct{})
	s.mu.Unlock()
	for c := range open {
		_ = c.Conn.Close()
	}
}
