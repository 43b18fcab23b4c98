package ingest

import (
	"context"
	"errors"
	"net/http"
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

	all, p := h.receive(w, r, held)
	if p == nil && publish {
		p = h.publish(r, all)
	}
	if p != nil {
		h.fail(w, p)
		return
	}
	h.metrics.judged(all, publish)
	answer := result{Refused: []refused{}}
	for _, j := range all {
		if j.refusal != nil {
			answer.Refused = append(answer.Refused, newRefused(j))
		}
	}
	answer.Accepted = len(all) - len(answer.Refused)
	switch {
	case answer.Accepted == 0:
		h.fail(w, problemNoneAccepted(answer.Refused))
	case publish:
		h.reply(w, http.StatusAccepted, "application/json", answer)
	default:
		h.reply(w, http.StatusOK, "application/json", answer)
	}
}

// receive reads a request and judges its events.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request, held *share) ([]judged, *problem) {
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
	events := []incoming{fromHeaders(r.Header, body)}
	if format != formatBinary {
		if events, p = split(body, format, h.config.MaxEvents); p != nil {
			return nil, p
		}
	}
	if wait := h.rates.take(caller.Tenant, len(events), h.now()); wait > 0 {
		return nil, problemRate(wait)
	}
	// Events that get their tenant here are copies.
	if !held.take(int64(len(body))) {
		return nil, problemOverloaded()
	}
	all := make([]judged, len(events))
	for i, in := range events {
		if all[i], err = h.judge(i, in, caller.Tenant); err != nil {
			h.log.Error().Err(err).Str("tenant", caller.Tenant).Msg("an event could not be judged")
			return nil, problemUnavailable()
		}
	}
	return all, nil
}

// publish publishes the good ones among all. A message that turns out too large for the broker becomes a refusal.
func (h *Handler) publish(r *http.Request, all []judged) *problem {
	ctx, cancel := context.WithTimeout(r.Context(), h.config.PublishTimeout)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return problemOverloaded()
	}
	for {
		messages, from := make([]kafka.Message, 0, len(all)), make([]int, 0, len(all))
		for i, j := range all {
			if j.refusal == nil {
				messages, from = append(messages, j.message), append(from, i)
			}
		}
		if len(messages) == 0 {
			return nil
		}
		start := time.Now()
		err := h.publisher.Publish(ctx, messages...)
		var tooLarge *kafka.TooLargeError
		if errors.As(err, &tooLarge) && tooLarge.Index >= 0 && tooLarge.Index < len(from) {
			all[from[tooLarge.Index]].refusal = &schemas.InvalidError{Reason: schemas.TooLarge, Detail: "the event is larger than the log takes"}
			continue
		}
		h.metrics.publish(err, time.Since(start))
		if err != nil {
			h.log.Warn().Err(err).Int("events", len(messages)).Msg("events were not acknowledged; the caller is asked to send them again")
			return problemUnavailable()
		}
		return nil
	}
}
