// Package listen binds addresses the way a restart needs it: patiently, since the process before may not be quite gone.
package listen

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/rs/zerolog"
)

// retry is how often an address in use is tried again.
const retry = 50 * time.Millisecond

// TCP binds addr, waiting up to patience where it is in use. The first refusal is logged, so that nobody wonders what a
// start waits for.
func TCP(ctx context.Context, addr string, patience time.Duration, log zerolog.Logger) (net.Listener, error) {
	deadline := time.Now().Add(patience)
	for said := false; ; said = true {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) || !time.Now().Before(deadline) {
			return listener, err
		}
		if !said {
			log.Warn().Str("addr", addr).Dur("up_to", patience).Msg("address in use: waiting for a predecessor to let go")
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(retry):
		}
	}
}
