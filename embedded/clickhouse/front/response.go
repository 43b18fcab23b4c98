package front

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/rapport-project/rapport/embedded/clickhouse/chdb"
)

// holdBytes is how much of an answer is held back before its headers go out: an error within it still gets its status,
// and the counters of a small result are complete.
const holdBytes = 256 << 10

// response writes an answer: result bytes through compression, headers once, errors before or amid the result.
type response struct {
	w       http.ResponseWriter
	req     *request
	version string
	tag     string // marks an exception amid the result
	format  string

	stats chdb.Stats
	held  bytes.Buffer
	sent  bool
	chain []io.WriteCloser // compressors, outermost first
	top   io.Writer
}

func newResponse(w http.ResponseWriter, q *request, server *Server) *response {
	r := &response{w: w, req: q, version: server.version, tag: strings.ReplaceAll(uuid.NewString(), "-", "")[:16]}
	h := w.Header()
	h.Set("X-ClickHouse-Server-Display-Name", server.displayName)
	h.Set("X-ClickHouse-Timezone", server.timezone)
	if q != nil {
		h.Set("X-ClickHouse-Query-Id", q.queryID)
		h.Set("X-ClickHouse-Exception-Tag", r.tag)
	}
	return r
}

// begin sets the format of the result.
func (r *response) begin(format string) {
	r.format = format
	h := r.w.Header()
	h.Set("Content-Type", contentType(format))
	h.Set("X-ClickHouse-Format", format)
}

// writer returns where result bytes go in, building the compressors with the first use.
func (r *response) writer() (io.Writer, error) {
	if r.top != nil {
		return r.top, nil
	}
	r.top = held{r}
	if r.req == nil {
		return r.top, nil
	}
	if r.req.httpEncoding != "" {
		level, _ := strconv.Atoi(r.req.settings["http_zlib_compression_level"])
		e, err := encoder(r.top, r.req.httpEncoding, level)
		if err != nil {
			return nil, err
		}
		r.chain, r.top = append(r.chain, e), e
		r.w.Header().Set("Content-Encoding", r.req.httpEncoding)
	}
	if r.req.compress {
		b := newBlockWriter(r.top, r.req.settings["network_compression_method"])
		r.chain, r.top = append(r.chain, b), b
	}
	return r.top, nil
}

// Write takes result bytes.
func (r *response) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	w, err := r.writer()
	if err != nil {
		return 0, err
	}
	return w.Write(p)
}

// held is the end of the chain: it holds bytes back until there are too many.
type held struct{ r *response }

func (h held) Write(p []byte) (int, error) {
	r := h.r
	if r.sent {
		return r.w.Write(p)
	}
	r.held.Write(p)
	if r.held.Len() < holdBytes || r.req != nil && r.req.waitForEnd {
		return len(p), nil
	}
	return len(p), r.send(http.StatusOK)
}

func (r *response) send(status int) error {
	r.sent = true
	r.w.Header().Set("X-ClickHouse-Summary", summary(r.stats))
	r.w.WriteHeader(status)
	_, err := r.w.Write(r.held.Bytes())
	r.held = bytes.Buffer{}
	return err
}

// finish ends a good answer.
func (r *response) finish() error {
	if err := r.closeChain(); err != nil {
		return err
	}
	if r.sent {
		return nil
	}
	r.w.Header().Set("Content-Length", itoa(r.held.Len()))
	return r.send(http.StatusOK)
}

func (r *response) closeChain() error {
	for i := len(r.chain) - 1; i >= 0; i-- {
		if err := r.chain[i].Close(); err != nil {
			return err
		}
	}
	r.chain = nil
	return nil
}

// fail answers with an error. Once part of the result is out, the error follows it in a frame with the tag from the
// headers, and the connection is cut so that no client takes the result for whole.
func (r *response) fail(err error) {
	e := asError(err)
	text := e.Message
	if version := " (version " + r.version + ")"; !strings.HasSuffix(text, version) {
		text += version // errors of inserts bring it along
	}
	text += "\n"
	h := r.w.Header()
	if !r.sent {
		r.held.Reset()
		r.chain, r.top = nil, nil
		h.Del("Content-Encoding")
		h.Set("Content-Type", "text/plain; charset=UTF-8")
		h.Set("X-ClickHouse-Exception-Code", itoa(e.Code))
		if _, werr := r.Write([]byte(text)); werr != nil {
			return
		}
		if r.closeChain() != nil || r.sent {
			return
		}
		h.Set("Content-Length", itoa(r.held.Len()))
		_ = r.send(statusOf(e))
		return
	}
	frame := fmt.Sprintf("\r\n__exception__\r\n%s\r\n%s%d %s\r\n__exception__\r\n", r.tag, text, len(text), r.tag)
	if _, werr := r.Write([]byte(frame)); werr == nil && r.closeChain() == nil {
		_ = http.NewResponseController(r.w).Flush()
	}
	panic(http.ErrAbortHandler)
}

// summary writes counters as ClickHouse does: numbers as strings.
func summary(s chdb.Stats) string {
	n := func(v uint64) string { return strconv.FormatUint(v, 10) }
	b, err := json.Marshal(struct {
		ReadRows     string `json:"read_rows"`
		ReadBytes    string `json:"read_bytes"`
		WrittenRows  string `json:"written_rows"`
		WrittenBytes string `json:"written_bytes"`
		TotalRows    string `json:"total_rows_to_read"`
		ResultRows   string `json:"result_rows"`
		ResultBytes  string `json:"result_bytes"`
		ElapsedNS    string `json:"elapsed_ns"`
	}{
		n(s.ReadRows), n(s.ReadBytes), n(s.WrittenRows), n(s.WrittenBytes), "0", n(s.ResultRows), n(s.ResultBytes),
		n(uint64(s.ElapsedSeconds * 1e9)),
	})
	if err != nil {
		return "{}"
	}
	return string(b)
}
