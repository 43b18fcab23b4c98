package ingest

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/rapport-project/rapport/internal/problems"
	"github.com/rapport-project/rapport/schemas"
)

// result is the answer where at least one event was taken.
type result struct {
	Accepted int       `json:"accepted"`
	Refused  []refused `json:"refused"`
}

// refused says of one event why it was not taken.
type refused struct {
	// Index is the event's place in the request, from 0; in NDJSON blank lines are not counted.
	Index  int            `json:"index"`
	ID     string         `json:"id,omitempty"`
	Reason schemas.Reason `json:"reason"`
	Field  string         `json:"field"`
	Detail string         `json:"detail"`
}

// maxDetail and maxField bound what one refusal adds to an answer, whatever it quotes.
const (
	maxDetail = 512
	maxField  = 512
)

func newRefused(j *judged) refused {
	return refused{Index: j.index, ID: j.id, Reason: j.refusal.Reason, Field: clip(j.refusal.Field, maxField), Detail: clip(j.refusal.Detail, maxDetail)}
}

func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "..."
}

// reply writes an answer. The caller gets a bounded time to read it, so that one that does not read holds no request open.
func (h *Handler) reply(w http.ResponseWriter, status int, mediaType string, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		// No type given here can fail to marshal; an empty answer with its status is still true.
		text = nil
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(h.config.AnswerTimeout))
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// A caller that is gone cannot be told; it will send again.
	_, _ = w.Write(append(text, '\n'))
}

func (h *Handler) fail(w http.ResponseWriter, p *problem) {
	p.Header(w.Header())
	h.reply(w, p.Status, problems.MediaType, p)
}
