package ingest

import (
	"strings"
	"testing"

	"github.com/caarlos0/env/v11"
	"github.com/google/go-cmp/cmp"
)

func TestDefaultConfigIsWhatTheEnvironmentGives(t *testing.T) {
	var c Config
	if err := env.ParseWithOptions(&c, env.Options{Environment: map[string]string{}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(DefaultConfig(), c); diff != "" {
		t.Error(diff)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidateNamesTheSetting(t *testing.T) {
	tests := map[string]func(*Config){
		"MAX_EVENTS":          func(c *Config) { c.MaxEvents = 0 },
		"PUBLISH_TIMEOUT":     func(c *Config) { c.PublishTimeout = -1 },
		"EVENTS_PER_SECOND":   func(c *Config) { c.EventsPerSecond = -1 },
		"MAX_IN_FLIGHT_BYTES": func(c *Config) { c.MaxUnpackedBytes = 64 << 20 },
	}
	for name, change := range tests {
		c := DefaultConfig()
		change(&c)
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
