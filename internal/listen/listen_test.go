package listen_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/listen"
)

func busy(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// letGo closes a listener when it is first said that somebody waits for it.
type letGo struct {
	net.Listener
	said bytes.Buffer
}

func (l *letGo) Write(p []byte) (int, error) {
	_ = l.Close()
	return l.said.Write(p)
}

func TestAPredecessorIsWaitedFor(t *testing.T) {
	before := &letGo{Listener: busy(t)}
	l, err := listen.TCP(context.Background(), before.Addr().String(), time.Minute, zerolog.New(before))
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if n := strings.Count(before.said.String(), "address in use"); n != 1 {
		t.Errorf("said %d times that it waits, want once", n)
	}
}

func TestPatienceEnds(t *testing.T) {
	if _, err := listen.TCP(context.Background(), busy(t).Addr().String(), time.Millisecond, zerolog.Nop()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("%v, want address in use", err)
	}
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := listen.TCP(ctx, busy(t).Addr().String(), time.Minute, zerolog.Nop()); err == nil {
		t.Error("a cancelled wait got the address")
	}
}
