package chdb

import "unsafe"

// Stream is a query whose output is fetched in parts. While it is open the connection runs nothing else.
type Stream struct {
	conn *Conn
	p    unsafe.Pointer
	done bool
}

// Stream starts a query.
func (c *Conn) Stream(s Statement) (*Stream, error) {
	r, err := c.result(c.start(c.lib.fn.streamQuery, s))
	if err != nil {
		return nil, err
	}
	return &Stream{conn: c, p: r.p}, nil
}

// Next returns the next part, or nil at the end. The caller closes each part.
func (s *Stream) Next() (*Result, error) {
	if s.done {
		return nil, nil
	}
	r, err := s.conn.result(s.conn.lib.fn.fetch(s.conn.inner(), s.p))
	if err != nil {
		s.done = true
		return nil, err
	}
	if s.conn.lib.fn.length(r.p) == 0 {
		s.done = true
	}
	return r, nil
}

// Close cancels what is left and frees the stream.
func (s *Stream) Close() {
	if s.p == nil {
		return
	}
	if !s.done {
		s.conn.lib.fn.cancel(s.conn.inner(), s.p)
	}
	s.conn.lib.fn.destroy(s.p)
	s.p = nil
}
