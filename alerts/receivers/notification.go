package receivers

import (
	"context"
	"time"

	"github.com/rapport-project/rapport/metrics"
)

// Transitions of an alert.
const (
	Firing   = "firing"
	Resolved = "resolved"
	// Corrected: late events took back what the alert fired for.
	Corrected = "corrected"
)

// Notification is one transition of an alert, with all that its message states.
type Notification struct {
	// ID of the alert: the same for all its transitions, whichever process sends them.
	ID, Tenant, Alert, Group string
	// Transition is firing, resolved or corrected.
	Transition string
	// StartsAt is when the alert fired, At when this transition was judged, EndsAt when it was over; nil while it fires.
	StartsAt, At time.Time
	EndsAt       *time.Time
	// Over says of a correction that the end was told before.
	Over bool
	// Labels and Annotations of the rule, rendered.
	Labels, Annotations map[string]string
	// What the rule looked at. A pair cut reads region,product and its value is a JSON array.
	Metric, Questionnaire, Detail, Window, Cut, CutValue string
	// Value with its interval at At, and the value of the window before, in Unit; nil where there is none.
	Value, Low, High, Previous *float64
	N, PreviousN               uint64
	Unit                       string
	// Bound is below, above or drop; Confidence is nil where the value itself is compared.
	Bound      string
	Threshold  float64
	Confidence *float64
	// Movers are the cuts that moved the value most, the most first.
	Movers []Mover
	// Explain is the URL of what the value rests on.
	Explain string
	// Label is the metric's name for people.
	Label metrics.Text
}

// Mover is a value of a cut and how much of the change it made, in the unit of the notification.
type Mover struct {
	Cut, CutValue   string
	Value, Previous *float64
	N, PreviousN    uint64
	Contribution    float64
}

// Key identifies the transition: what is sent twice has the same one.
func (n Notification) Key() string { return n.ID + "-" + n.Transition }

// Receiver takes notifications.
type Receiver interface {
	// Name is short and constant: deliveries are stored under it, metrics carry it.
	Name() string
	// Send returns nil once the receiver has taken n. An error wrapped by backoff.Permanent says that it never will; after any other
	// the fate of n is unknown and it is sent again. It must end soon after ctx does.
	Send(ctx context.Context, n Notification) error
}

// Repeater is a Receiver that takes a firing alert for resolved when it does not hear of it for some minutes.
type Repeater interface {
	Receiver
	// Repeat says again that these alerts fire.
	Repeat(ctx context.Context, firing []Notification) error
}
