package ingest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/rapport-project/rapport/internal/auth"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// serveEvents answers POST /v1/events and, where publish is false, POST /v1/validate.
func (h *Handler) serveEvents(w http.ResponseWriter, r *http.Request, publish bool) {
	// Set first, so that also what the server reads of a body after an early answer has its end.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(h.config.BodyTimeout))
	held := h.inFlight.open()
	defer held.close()

	s, p := h.receive(w, r, held)
	defer h.release(s)
	if p == nil && publish {
		p = h.publish(r, s)
	}
	if p != nil {
		h.fail(w, p)
		return
	}
	h.metrics.judged(s.all, publish)
	answer := result{Refused: []refused{}}
	for i := range s.all {
		if j := &s.all[i]; j.refusal != nil {
			answer.Refused = append(answer.Refused, newRefused(j))
		}
	}
	answer.Accepted = len(s.all) - len(answer.Refused)
	switch {
	case answer.Accepted == 0:
		h.fail(w, problemNoneAccepted(answer.Refused))
	case publish:
		h.reply(w, http.StatusAccepted, "application/json", answer)
	default:
		h.reply(w, http.StatusOK, "application/json", answer)
	}
}

// receive reads a request and judges its events. What it returns is to be released, also beside a problem.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request, held *share) (*scratch, *problem) {
	caller, p := h.caller(r, auth.ScopeIngest)
	if p != nil {
		return nil, p
	}
	format, p := formatOf(r)
	if p != nil {
		return nil, p
	}
	coding, p := codingOf(r)
	if p != nil {
		return nil, p
	}
	raw, p := h.readBody(w, r, held)
	if p != nil {
		return nil, p
	}
	h.metrics.bodyBytes.Add(float64(len(raw)))

	leave, err := h.compute(r.Context())
	if err != nil {
		return nil, problemOverloaded()
	}
	defer leave()
	body, p := h.unpack(raw, coding, held)
	if p != nil {
		return nil, p
	}
	h.metrics.unpackedBytes.Add(float64(len(body)))
	s := h.scratches.Get().(*scratch)
	if format == formatBinary {
		s.events = append(s.events, fromHeaders(r.Header, body))
	} else if s.events, p = split(s.events, body, format, h.config.MaxEvents); p != nil {
		return s, p
	}
	if wait := h.rates.take(caller.Tenant, len(s.events), h.now()); wait > 0 {
		return s, problemRate(wait)
	}
	// Events that get their tenant here are copies.
	if !held.take(int64(len(body))) {
		return s, problemOverloaded()
	}
	judge := h.judge(caller.Tenant, s)
	s.spliced = slices.Grow(s.spliced, len(body)+len(s.events)*(len(judge.member)+1))
	s.all = slices.Grow(s.all, len(s.events))[:len(s.events)]
	for i, in := range s.events {
		if err := judge.event(&s.all[i], i, in); err != nil {
			h.log.Error().Err(err).Str("tenant", caller.Tenant).Msg("an event could not be judged")
			return s, problemUnavailable()
		}
	}
	return s, nil
}

// publish publishes the good ones among all. A message that turns out too large for the broker becomes a refusal.
func (h *Handler) publish(r *http.Request, s *scratch) *problem {
	ctx, cancel := context.WithTimeout(r.Context(), h.config.PublishTimeout)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return problemOverloaded()
	}
	for {
		s.messages, s.from = s.messages[:0], s.from[:0]
		for i := range s.all {
			if j := &s.all[i]; j.refusal == nil {
				s.messages, s.from = append(s.messages, j.message), append(s.from, i)
			}
		}
		if len(s.messages) == 0 {
			return nil
		}
		start := time.Now()
		err := h.publisher.Publish(ctx, s.messages...)
		var tooLarge *kafka.TooLargeError
		if errors.As(err, &tooLarge) && tooLarge.Index >= 0 && tooLarge.Index < len(s.from) {
			s.all[s.from[tooLarge.Index]].refusal = &schemas.InvalidError{Reason: schemas.TooLarge, Detail: "the event is larger than the log takes"}
			continue
		}
		h.metrics.publish(err, time.Since(start))
		if err != nil {
			h.log.Warn().Err(err).Int("events", len(s.messages)).Msg("events were not acknowledged; the caller is asked to send them again")
			return problemUnavailable()
		}
		return nil
	}
}
