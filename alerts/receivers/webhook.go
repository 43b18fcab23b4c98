package receivers

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Webhook posts each notification as a CloudEvent.
type Webhook struct {
	client *client
	secret string
	now    func() time.Time
}

// WebhookOptions is where a webhook is. A secret signs; empty leaves the messages unsigned.
type WebhookOptions struct {
	Address
	Secret string
}

// NewWebhook returns a webhook; its error says what is wrong with the address.
func NewWebhook(o WebhookOptions) (*Webhook, error) {
	c, err := newClient(o.Address)
	if err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	return &Webhook{client: c, secret: o.Secret, now: time.Now}, nil
}

// Name implements Receiver.
func (w *Webhook) Name() string { return "webhook" }

// Send implements Receiver. The header Idempotency-Key is the same when a transition is sent again; the signature is made anew, since its time is.
func (w *Webhook) Send(ctx context.Context, n Notification) error {
	body, err := encode(n)
	if err != nil {
		return permanent(err)
	}
	header := http.Header{"Content-Type": {"application/cloudevents+json; charset=utf-8"}, "Idempotency-Key": {n.Key()}}
	if w.secret != "" {
		header.Set(SignatureHeader, Sign(w.secret, body, w.now()))
	}
	return w.client.post(ctx, header, body)
}

// Close gives back idle connections.
func (w *Webhook) Close() { w.client.close() }
