package receivers

import (
	"strings"
	"testing"

	"github.com/caarlos0/env/v11"
)

func defaults(t *testing.T) Config {
	t.Helper()
	c, err := env.ParseAsWithOptions[Config](env.Options{Environment: map[string]string{}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		wrong  []string
	}{
		"defaults": {func(*Config) {}, nil},
		"all": {func(c *Config) {
			c.AlertmanagerURL, c.WebhookURL, c.SlackURL, c.WebhookSecret = []string{"http://127.0.0.1:9093", " http://b:9093"}, "https://u:p@hook.example/x?y=z", "https://slack.example/services/a", "s"
			c.PublicURL = "https://rapport.example/base"
		}, nil},
		"addresses": {func(c *Config) {
			c.AlertmanagerURL, c.WebhookURL, c.SlackURL, c.PublicURL = []string{"http://h", "alertmanager:9093"}, "ftp://h/", "https:///services", "http://h/#x"
		}, []string{"ALERTMANAGER_URL", "ALERT_WEBHOOK_URL", "ALERT_SLACK_URL", "PUBLIC_URL"}},
		"times":  {func(c *Config) { c.SendTimeout, c.Poll, c.GiveUpAfter = 0, -1, 0 }, []string{"ALERT_SEND_TIMEOUT", "ALERT_POLL", "ALERT_GIVE_UP_AFTER"}},
		"pauses": {func(c *Config) { c.RetryMax = c.RetryMin / 2 }, []string{"ALERT_RETRY_MAX"}},
		"repeat": {func(c *Config) { c.RepeatEvery = resolveAfter }, []string{"ALERT_REPEAT"}},
		"secret": {func(c *Config) { c.WebhookSecret = "s" }, []string{"ALERT_WEBHOOK_SECRET"}},
	} {
		config := defaults(t)
		c.change(&config)
		err := config.Validate()
		if (err == nil) != (len(c.wrong) == 0) {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range c.wrong {
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v does not name %s", name, err, want)
			}
		}
	}
}

func TestReceiversOfConfig(t *testing.T) {
	for want, c := range map[string]Config{
		"":                            {},
		"alertmanager alertmanager-2": {AlertmanagerURL: []string{"http://h", " http://i"}},
		"alertmanager webhook slack":  {AlertmanagerURL: []string{"http://h"}, WebhookURL: "http://h", SlackURL: "http://h"},
	} {
		for _, topic := range []bool{false, true} {
			var p Publisher
			if topic {
				p = publisher(func() error { return nil })
			}
			all, err := c.Receivers(p)
			if err != nil {
				t.Error(err)
			}
			var names []string
			for _, r := range all {
				names = append(names, r.Name())
			}
			if topic {
				want = strings.TrimSpace("kafka " + want)
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
	if _, err := (Config{SlackURL: "nowhere"}).Receivers(nil); err == nil {
		t.Error("an address that is none is taken")
	}
}
