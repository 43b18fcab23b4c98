package receivers

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Config is which receivers there are, and the patience with them. Their addresses are the operator's and trusted.
type Config struct {
	AlertmanagerURL []string `env:"ALERTMANAGER_URL" secret:"url" doc:"address of a Prometheus Alertmanager that alerts are sent to; of a cluster all, comma-separated: each is told"`
	WebhookURL      string   `env:"ALERT_WEBHOOK_URL" secret:"host" doc:"address that alerts are posted to as CloudEvents"`
	WebhookSecret   string   `env:"ALERT_WEBHOOK_SECRET" secret:"true" doc:"signs what is posted to the webhook (HMAC-SHA256)"`
	SlackURL        string   `env:"ALERT_SLACK_URL" secret:"host" doc:"incoming webhook of Slack that alerts are sent to"`
	PublicURL       string   `env:"PUBLIC_URL" doc:"address of this process as readers of alerts reach it, for links to what a figure rests on; empty: http:// and RAPPORT_HTTP_ADDR"`

	SendTimeout time.Duration `env:"ALERT_SEND_TIMEOUT" envDefault:"10s" doc:"how long one attempt to send an alert may take"`
	RetryMin    time.Duration `env:"ALERT_RETRY_MIN" envDefault:"1s" doc:"first pause before an alert is sent again"`
	RetryMax    time.Duration `env:"ALERT_RETRY_MAX" envDefault:"1m" doc:"longest pause before an alert is sent again"`
	GiveUpAfter time.Duration `env:"ALERT_GIVE_UP_AFTER" envDefault:"72h" doc:"a transition of an alert that a receiver has not taken by then is noted as given up"`
	Poll        time.Duration `env:"ALERT_POLL" envDefault:"5s" doc:"how often transitions that wait to be sent are looked for; new ones are sent at once"`
	RepeatEvery time.Duration `env:"ALERT_REPEAT" envDefault:"1m" doc:"how often Alertmanager hears of an alert that goes on; it takes one that it has not heard of for 4 minutes for resolved"`
}

// Validate says everything that is wrong with c, by the names of settings without their prefix.
func (c Config) Validate() error {
	var wrong []error
	type address struct{ name, url string }
	all := []address{{"ALERT_WEBHOOK_URL", c.WebhookURL}, {"ALERT_SLACK_URL", c.SlackURL}, {"PUBLIC_URL", c.PublicURL}}
	for _, a := range c.AlertmanagerURL {
		all = append(all, address{"ALERTMANAGER_URL", a})
	}
	for _, a := range all {
		if a.url == "" {
			continue
		}
		if err := CheckURL(strings.TrimSpace(a.url)); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", a.name, err))
		}
	}
	if c.WebhookSecret != "" && c.WebhookURL == "" {
		wrong = append(wrong, errors.New("ALERT_WEBHOOK_SECRET signs nothing without ALERT_WEBHOOK_URL"))
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"ALERT_SEND_TIMEOUT", c.SendTimeout}, {"ALERT_RETRY_MIN", c.RetryMin}, {"ALERT_GIVE_UP_AFTER", c.GiveUpAfter}, {"ALERT_POLL", c.Poll},
		{"ALERT_REPEAT", c.RepeatEvery},
	} {
		if d.value <= 0 {
			wrong = append(wrong, fmt.Errorf("%s must be more than 0", d.name))
		}
	}
	if c.RetryMax < c.RetryMin {
		wrong = append(wrong, errors.New("ALERT_RETRY_MAX must not be below ALERT_RETRY_MIN"))
	}
	if c.RepeatEvery > resolveAfter/2 {
		wrong = append(wrong, fmt.Errorf("ALERT_REPEAT must be at most %s, or one lost message resolves an alert that fires", resolveAfter/2))
	}
	return errors.Join(wrong...)
}

// Receivers are those that c names, and the topic where publisher is not nil.
func (c Config) Receivers(publisher Publisher) ([]Receiver, error) {
	var all []Receiver
	if publisher != nil {
		all = append(all, NewKafka(publisher))
	}
	var wrong []error
	add := func(address string, make func(Address) (Receiver, error)) {
		if address == "" {
			return
		}
		r, err := make(Address{URL: strings.TrimSpace(address), Trusted: true})
		if err != nil {
			wrong = append(wrong, err)
			return
		}
		all = append(all, r)
	}
	for i, address := range c.AlertmanagerURL {
		name := ""
		if i > 0 {
			name = fmt.Sprintf("alertmanager-%d", i+1)
		}
		add(address, func(a Address) (Receiver, error) { return NewAlertmanager(AlertmanagerOptions{Address: a, Name: name}) })
	}
	add(c.WebhookURL, func(a Address) (Receiver, error) {
		return NewWebhook(WebhookOptions{Address: a, Secret: c.WebhookSecret})
	})
	add(c.SlackURL, func(a Address) (Receiver, error) { return NewSlack(a) })
	return all, errors.Join(wrong...)
}
