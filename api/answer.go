package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/rapport-project/rapport/internal/problems"
)

// reply writes an answer. What changes with the definitions alone can be asked for again by its tag; figures are of the moment and kept by nobody.
func (h *Handler) reply(w http.ResponseWriter, r *http.Request, rt route, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		h.o.Log.Error().Err(err).Str("route", rt.pattern).Msg("an answer could not be written")
		h.fail(w, problemUnavailable())
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	if rt.stable {
		sum := sha256.Sum256(body)
		tag := `"` + hex.EncodeToString(sum[:16]) + `"`
		w.Header().Set("Cache-Control", "private, no-cache")
		w.Header().Add("Vary", "Authorization, X-API-Key")
		// Weak, for a compressed answer has the same.
		w.Header().Set("ETag", "W/"+tag)
		if matches(r.Header.Values("If-None-Match"), tag) {
			h.write(w, http.StatusNotModified, "", nil)
			return
		}
	}
	h.write(w, http.StatusOK, "application/json", append(body, '\n'))
}

// matches compares entity tags weakly (RFC 9110, 8.8.3.2).
func matches(given []string, tag string) bool {
	for _, one := range strings.Split(strings.Join(given, ","), ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}

func (h *Handler) fail(w http.ResponseWriter, p *problem) {
	body, err := json.Marshal(p)
	if err != nil {
		body = nil // unreachable: a problem is made of texts; its status is still true
	}
	p.Header(w.Header())
	w.Header().Set("Cache-Control", "no-store")
	h.write(w, p.Status, problems.MediaType, append(body, '\n'))
}

// write gives the caller a bounded time to read, so that one that does not read holds nothing for ever. There are no CORS headers: pages of other sites
// are not to read figures with their visitor's network.
func (h *Handler) write(w http.ResponseWriter, status int, mediaType string, body []byte) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(h.config.AnswerTimeout))
	if mediaType != "" {
		w.Header().Set("Content-Type", mediaType)
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	w.WriteHeader(status)
	// A caller that is gone cannot be told.
	_, _ = w.Write(body)
}
