package ingest

import (
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/rapport-project/rapport/schemas"
)

// schemaSuffix ends the names by which JSON Schemas refer to each other; the same names are addresses here, so that a
// validator that starts from one finds the others.
const schemaSuffix = ".schema.json"

// schemaLink is one entry of the list of JSON Schemas.
type schemaLink struct {
	Type   schemas.Type `json:"type"`
	Topic  string       `json:"topic"`
	Schema string       `json:"schema"`
}

// serveSchemas lists the event types with the addresses of their JSON Schemas. Any caller may read the contract.
func (h *Handler) serveSchemas(w http.ResponseWriter, r *http.Request) {
	if _, p := h.caller(r); p != nil {
		h.fail(w, p)
		return
	}
	var list struct {
		Schemas []schemaLink `json:"schemas"`
	}
	for _, t := range schemas.Types() {
		list.Schemas = append(list.Schemas, schemaLink{Type: t, Topic: t.Topic(), Schema: "/v1/schemas/" + string(t)})
	}
	h.reply(w, http.StatusOK, "application/json", list)
}

// serveSchema serves the JSON Schema of an event type, or one that it refers to.
func (h *Handler) serveSchema(w http.ResponseWriter, r *http.Request) {
	if _, p := h.caller(r); p != nil {
		h.fail(w, p)
		return
	}
	name := strings.TrimSuffix(chi.URLParam(r, "name"), schemaSuffix)
	text, err := fs.ReadFile(schemas.Contract(), "json/"+name+schemaSuffix)
	if err != nil {
		h.fail(w, problemNotFound())
		return
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(h.config.AnswerTimeout))
	w.Header().Set("Content-Type", "application/schema+json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(text)
}
