package front

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse/chdb"
)

// markSetting is a setting of the engine that carries a connection's name into system.processes, since libchdb takes no
// query id. It only matters to tables of message queues, which libchdb does not have, so no client sets it.
const markSetting = "stream_like_engine_insert_queue"

// Pauses between two attempts to cancel a query: it may not have come to the engine's list of processes yet.
const (
	firstKillPause = 50 * time.Millisecond
	maxKillPause   = time.Second
)

// lastWord is how long the answer to a cancelled query may take to be written.
const lastWord = 2 * time.Second

// killer cancels what connections run. Its own connection is for that only, so it never waits for a slot.
type killer struct {
	log zerolog.Logger

	mu   sync.Mutex
	conn *conn
}

func (k *killer) kill(mark string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	sql := "KILL QUERY WHERE Settings[" + quote(markSetting) + "] = " + quote(mark) + " ASYNC"
	if err := k.conn.Exec(sql); err != nil {
		k.log.Warn().Err(err).Msg("cancel a query")
	}
}

// watch cancels what c runs, again and again, once ctx has ended: the client is gone or this process stops. The caller
// calls stop before anyone else gets the connection; stop returns when no attempt is under way any more.
func (k *killer) watch(ctx context.Context, c *conn) (stop func()) {
	over := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-over:
			return
		case <-ctx.Done():
		}
		for pause := firstKillPause; ; pause = min(2*pause, maxKillPause) {
			k.kill(c.mark)
			select {
			case <-over:
				return
			case <-time.After(pause):
			}
		}
	})
	return func() {
		close(over)
		watching.Wait()
	}
}

// endBody takes the rest of a body for cut when ctx ends, for a client that neither sends nor goes away. The caller calls
// stop when the request is done.
func endBody(ctx context.Context, w http.ResponseWriter) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = http.NewResponseController(w).SetReadDeadline(time.Now()) })
}

// endAnswer gives the answer lastWord to go out when ctx ends, for a client that neither takes it nor goes away.
func endAnswer(ctx context.Context, w http.ResponseWriter) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(lastWord)) })
}

func errCancelled() *chdb.Error {
	return newError(codeCancelled, "QUERY_WAS_CANCELLED", "Query was cancelled")
}
