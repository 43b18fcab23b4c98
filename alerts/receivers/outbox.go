package receivers

import (
	"context"
	"time"
)

// Outcomes of a delivery.
const (
	// Sent: the receiver took it.
	Sent = "sent"
	// Refused: the receiver said that it never will.
	Refused = "refused"
	// GivenUp: it was not taken for so long that nobody acts on it any more.
	GivenUp = "given_up"
)

// Delivery is what came of a transition at a receiver. Once there is one, the transition is not sent there again.
type Delivery struct {
	Tenant, AlertID, Transition, Receiver string
	Outcome                               string
	// Attempts of the process that noted it; Error is why the last one failed, empty where it was sent.
	Attempts uint32
	Error    string
	At       time.Time
}

// Backlog is how many transitions of a tenant wait for a receiver, and the instant of the oldest.
type Backlog struct {
	Tenant string
	N      uint64
	Oldest time.Time
}

// Asked says which transitions are meant.
type Asked struct {
	Receiver string
	// Tenants whose transitions are this process's to send.
	Tenants []string
	// Since: transitions before it are not looked at.
	Since time.Time
	Limit int
}

// Outbox is what is stored to be sent. The database is one; it may fail at any time.
type Outbox interface {
	// Begin notes since when there is a receiver, where it is new, and returns the noted instant: what went before is not for it.
	Begin(ctx context.Context, receiver string, now time.Time) (time.Time, error)
	// Backlog is what has no delivery at a receiver, by tenant, of transitions since an instant.
	Backlog(ctx context.Context, receiver string, since time.Time) ([]Backlog, error)
	// Waiting are transitions without a delivery at the receiver, the oldest first; those of one alert in their order.
	Waiting(ctx context.Context, a Asked) ([]Notification, error)
	// Firing are the alerts whose last transition is firing and was sent to the receiver.
	Firing(ctx context.Context, a Asked) ([]Notification, error)
	// Note stores deliveries; it may be called again with the same ones.
	Note(ctx context.Context, deliveries []Delivery) error
}
