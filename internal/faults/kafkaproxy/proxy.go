package kafkaproxy

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Request is one request of a client.
type Request struct {
	// Client is its client.id.
	Client string
	// Body is the decoded request: *kmsg.ProduceRequest and so on.
	Body kmsg.Request
}

// Action is what happens to a request; the zero value lets it pass.
type Action struct {
	// Before runs before the broker sees the request; an error cuts the connection instead.
	Before func() error
	// Refuse answers in place of the broker, which never sees the request.
	Refuse kmsg.Response
	// Answer alters the broker's answer.
	Answer func(kmsg.Response)
	// Alter changes the answer's bytes, from the correlation id on.
	Alter func([]byte)
	// After runs when the broker has answered and the client does not know yet; an error cuts the connection, the answer lost.
	After func() error
	// Sent runs when the client has been sent the answer.
	Sent func()
}

// Rule decides what happens to a request. It is called by several connections at once.
type Rule func(Request) Action

// Proxy listens on a port of its own.
type Proxy struct {
	upstream string
	listener net.Listener
	host     string
	port     int32

	mu    sync.Mutex
	rule  Rule
	watch func(Request, kmsg.Response)
	conns map[net.Conn]struct{}
	down  bool
	wg    sync.WaitGroup
}

// Start listens on a free port of 127.0.0.1 and passes what comes to upstream, host:port, until Close.
func Start(upstream string) (*Proxy, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	p := &Proxy{upstream: upstream, listener: l, host: host, port: int32(n), conns: map[net.Conn]struct{}{}}
	p.wg.Go(p.accept)
	return p, nil
}

// Addr is where clients connect, host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Set puts a rule in force for requests to come; nil lets all pass.
func (p *Proxy) Set(r Rule) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rule = r
}

// Watch has f told of each answered request of the kinds that are decoded always: Fetch.
func (p *Proxy) Watch(f func(Request, kmsg.Response)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watch = f
}

// Down cuts every connection and refuses new ones, as a dead network does, until Up.
func (p *Proxy) Down() {
	p.mu.Lock()
	p.down = true
	p.mu.Unlock()
	p.Cut()
}

// Up takes connections again.
func (p *Proxy) Up() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = false
}

// Cut ends every connection.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// Close stops it and returns when nothing of it runs.
func (p *Proxy) Close() {
	_ = p.listener.Close()
	p.Down()
	p.wg.Wait()
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.serve(c) })
	}
}

// keep notes a connection, so that it can be cut; false where there are to be none.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return false
	}
	p.conns[c] = struct{}{}
	return true
}

func (p *Proxy) drop(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

func (p *Proxy) serve(client net.Conn) {
	if !p.keep(client) {
		_ = client.Close()
		return
	}
	defer p.drop(client)
	broker, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.upstream)
	if err != nil {
		return
	}
	if !p.keep(broker) {
		_ = broker.Close()
		return
	}
	defer p.drop(broker)
	// A broker answers the requests of a connection in their order.
	asked := make(chan pending, 1000)
	var answers sync.WaitGroup
	answers.Go(func() {
		p.answers(client, broker, asked)
		_ = client.Close()
		_ = broker.Close()
	})
	p.requests(client, broker, asked)
	close(asked)
	_ = client.Close()
	_ = broker.Close()
	answers.Wait()
}

// pending is a request whose answer is to come.
type pending struct {
	request Request
	action  Action
	refused []byte // the frame to answer with in place of the broker
}

// frame reads one message: its bytes without their length.
func frame(r io.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > 256<<20 {
		return nil, fmt.Errorf("a message of %d bytes", n)
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, err
}

func send(w io.Writer, b []byte) error {
	framed := binary.BigEndian.AppendUint32(make([]byte, 0, len(b)+4), uint32(len(b)))
	_, err := w.Write(append(framed, b...))
	return err
}

func (p *Proxy) requests(client, broker net.Conn, asked chan<- pending) {
	for {
		b, err := frame(client)
		if err != nil {
			return
		}
		one, err := p.judge(b)
		if err != nil {
			return
		}
		if one.action.Before != nil && one.action.Before() != nil {
			return
		}
		if one.action.Refuse != nil {
			one.refused = answerTo(b, one.action.Refuse)
			asked <- one
			continue
		}
		asked <- one
		if err := send(broker, b); err != nil {
			return
		}
	}
}

func (p *Proxy) answers(client, broker net.Conn, asked <-chan pending) {
	for one := range asked {
		b := one.refused
		if b == nil {
			var err error
			if b, err = frame(broker); err != nil {
				return
			}
			if b, err = p.alter(b, one); err != nil {
				return
			}
		}
		if one.action.After != nil && one.action.After() != nil {
			return
		}
		if err := send(client, b); err != nil {
			return
		}
		if one.action.Sent != nil {
			one.action.Sent()
		}
	}
}
