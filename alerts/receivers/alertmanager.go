package receivers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// resolveAfter is how long Alertmanager takes an alert to fire after it last heard of it: long enough for several repeats to be missed, as
// Prometheus has it.
const resolveAfter = 4 * time.Minute

// Alertmanager posts to the API v2 of a Prometheus Alertmanager, which groups, silences and routes.
type Alertmanager struct {
	name   string
	client *client
	now    func() time.Time
}

// AlertmanagerOptions is where an Alertmanager is, as Prometheus is told it: without /api/v2/alerts. Each of a cluster has a Name of its own; empty is
// alertmanager.
type AlertmanagerOptions struct {
	Address
	Name string
}

// NewAlertmanager returns a receiver; its error says what is wrong with the address.
func NewAlertmanager(o AlertmanagerOptions) (*Alertmanager, error) {
	a := o.Address
	if o.Name == "" {
		o.Name = "alertmanager"
	}
	if err := CheckURL(a.URL); err != nil {
		return nil, fmt.Errorf("alertmanager: %w", err)
	}
	a.URL = strings.TrimRight(a.URL, "/") + "/api/v2/alerts"
	c, err := newClient(a)
	if err != nil {
		return nil, fmt.Errorf("alertmanager: %w", err)
	}
	return &Alertmanager{name: o.Name, client: c, now: time.Now}, nil
}

// Name implements Receiver.
func (a *Alertmanager) Name() string { return a.name }

// Send implements Receiver. Alertmanager knows alerts by their labels: the correction of one that is over there already would end the one that fires now
// under the same labels.
func (a *Alertmanager) Send(ctx context.Context, n Notification) error {
	if n.Over {
		return nil
	}
	return a.post(ctx, []Notification{n})
}

// Repeat implements Repeater: Alertmanager takes what it no longer hears of for resolved.
func (a *Alertmanager) Repeat(ctx context.Context, firing []Notification) error {
	return a.post(ctx, firing)
}

// Close gives back idle connections.
func (a *Alertmanager) Close() { a.client.close() }

// postable is an alert of Alertmanager's API v2.
type postable struct {
	StartsAt     string            `json:"startsAt"`
	EndsAt       string            `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
}

func (a *Alertmanager) post(ctx context.Context, all []Notification) error {
	alerts := make([]postable, len(all))
	for i, n := range all {
		ends := a.now().Add(resolveAfter)
		if n.Transition != Firing {
			ends = n.At
			if n.EndsAt != nil {
				ends = *n.EndsAt
			}
			// An end before the start is refused, one in the future fires on.
			ends = later(ends, n.StartsAt)
			if now := a.now(); ends.After(now) {
				ends = later(now, n.StartsAt)
			}
		}
		alerts[i] = postable{
			StartsAt: instant(n.StartsAt), EndsAt: instant(ends), GeneratorURL: n.Explain,
			Labels: alertLabels(n), Annotations: alertAnnotations(n),
		}
	}
	body, err := json.Marshal(alerts)
	if err != nil {
		return permanent(err)
	}
	return a.client.post(ctx, http.Header{"Content-Type": {"application/json"}}, body)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// alertLabels are what Alertmanager knows an alert by: what the rule looked at wins over labels of the rule, and nothing in them changes while
// it fires.
func alertLabels(n Notification) map[string]string {
	labels := map[string]string{}
	for name, value := range n.Labels {
		labels[labelName(name)] = value
	}
	own := map[string]string{
		"alertname": n.Alert, "group": n.Group, "tenant": n.Tenant, "metric": n.Metric, "window": n.Window,
		"questionnaire": n.Questionnaire, "detail": n.Detail,
	}
	if n.Cut != "" {
		names, values := cutParts(n.Cut, n.CutValue)
		for i, name := range names {
			own[labelName(name)] = values[i]
		}
	}
	for name, value := range own {
		labels[name] = value
	}
	for name, value := range labels {
		if value == "" {
			delete(labels, name) // to Alertmanager an empty label is none
		}
	}
	return labels
}

// alertAnnotations are those of the rule, and what every alert states.
func alertAnnotations(n Notification) map[string]string {
	all := map[string]string{}
	for name, value := range n.Annotations {
		all[labelName(name)] = value
	}
	set := func(name, value string) {
		if value != "" {
			all[name] = value
		}
	}
	limit, moved, t := threshold(n), movers(n), title(n)
	set("alert_id", n.ID)
	set("title", t.En)
	set("title_zh", t.Zh)
	set("value", quantity(n.Value, n.Unit))
	set("n", strconv.FormatUint(n.N, 10))
	if n.Low != nil && n.High != nil {
		set("interval", interval(n))
	}
	set("threshold", limit.En)
	set("threshold_zh", limit.Zh)
	if n.Previous != nil {
		set("before", quantity(n.Previous, n.Unit))
		set("before_n", strconv.FormatUint(n.PreviousN, 10))
	}
	set("movers", moved.En)
	set("movers_zh", moved.Zh)
	set("explain", n.Explain)
	if n.Transition == Corrected {
		set("corrected", "late data took back what it fired for")
		set("corrected_zh", "迟到的数据使该告警不再成立")
	}
	return all
}

// labelName is name as Prometheus wants it: letters, digits and underscores, no digit first.
func labelName(name string) string {
	valid := strings.Map(func(r rune) rune {
		if r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
	if valid == "" || valid[0] >= '0' && valid[0] <= '9' {
		return "_" + valid
	}
	return valid
}
