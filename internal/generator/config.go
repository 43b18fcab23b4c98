package generator

import (
	"errors"
	"fmt"
	"time"
)

// Config says what company is simulated. The zero value of a field takes the default named with it.
type Config struct {
	// Seed decides everything that chance decides.
	Seed uint64
	// IDPrefix begins the ids of events and invitations, so that two generators do not speak of the same ones.
	IDPrefix string
	// Tenants publish in equal shares; default one, "default".
	Tenants []string
	// From and To bound the events' times, From included; default the 30 days up to 2026-06-30.
	From, To time.Time
	// Mix is how often each questionnaire is used; default after-sales-10 6, rater-5 2, likert-12 2 and
	// one each of servqual-22, ecommerce-5 and relationship.
	Mix []Share
	// Customers per tenant; default 500.
	Customers int
	// Service is the share, 0..1, of stories about contacts, cases and complaints instead of a response; default none.
	Service float64
	// WindowDays is the tenants' window of first-contact resolution, so that contacts come back at its very edge; default 7.
	WindowDays int
	// Rates default to DefaultRates; to have none of anything, set Rates to a pointer to the zero value.
	Rates *Rates
}

// Share is a questionnaire's weight in the mix.
type Share struct {
	Questionnaire string
	Weight        int
}

// Rates are the chances, 0..1, of what may happen to a response; the mistakes with revisions, times and keys happen to all events.
type Rates struct {
	// Revisions is that it is corrected later, up to three times.
	Revisions float64
	// Retractions is that it is taken back; one in five of these is published again.
	Retractions float64
	// Invalid is that two answers are missing, OneMissing that one is.
	Invalid    float64
	OneMissing float64
	// Conflicts is that the same revision comes with another payload.
	Conflicts float64
	// MovedTimes is that the same id comes under another time, in another hour.
	MovedTimes float64
	// MovedKeys is that the same id of a contact, milestone or complaint comes for another customer, case or complaint.
	MovedKeys float64
	// Invitations is that an invitation went before it; half as many invitations are never answered.
	Invitations float64
	// OtherRoles is that somebody other than a customer answers; it is five times that for servqual-22.
	OtherRoles float64
	// Importances is that an answer says how important its item is.
	Importances float64
	// NPS, CES, Repurchase and Resolved are that the question was asked and answered.
	NPS, CES, Repurchase, Resolved float64
	// Comments is that there is a comment; Reasons that a low score names a reason.
	Comments, Reasons float64
	// Gaps is that an attribute is not stated.
	Gaps float64
	// UnknownFields is that it holds fields the contract does not know.
	UnknownFields float64
}

// DefaultRates are those of a lively company whose apps make every mistake the contract allows.
func DefaultRates() Rates {
	return Rates{
		Revisions: 0.08, Retractions: 0.02, Invalid: 0.03, OneMissing: 0.05, Conflicts: 0.01, MovedTimes: 0.01, MovedKeys: 0.01,
		Invitations: 0.3, OtherRoles: 0.05, Importances: 0.1, NPS: 0.5, CES: 0.4, Repurchase: 0.3, Resolved: 0.6,
		Comments: 0.25, Reasons: 0.6, Gaps: 0.03, UnknownFields: 0.02,
	}
}

func (c Config) withDefaults() Config {
	if len(c.Tenants) == 0 {
		c.Tenants = []string{"default"}
	}
	if c.To.IsZero() {
		c.To = time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)
	}
	if c.From.IsZero() {
		c.From = c.To.AddDate(0, 0, -30)
	}
	if len(c.Mix) == 0 {
		c.Mix = []Share{{"after-sales-10", 6}, {"rater-5", 2}, {"likert-12", 2}, {"servqual-22", 1}, {"ecommerce-5", 1}, {"relationship", 1}}
	}
	if c.Customers == 0 {
		c.Customers = 500
	}
	if c.WindowDays == 0 {
		c.WindowDays = 7
	}
	if c.Rates == nil {
		r := DefaultRates()
		c.Rates = &r
	}
	return c
}

func (c Config) check() error {
	if !c.From.Before(c.To) {
		return fmt.Errorf("from %s must lie before to %s", c.From, c.To)
	}
	if c.Customers < 0 {
		return fmt.Errorf("%d customers", c.Customers)
	}
	if c.WindowDays < 0 {
		return fmt.Errorf("a window of %d days", c.WindowDays)
	}
	total := 0
	for _, s := range c.Mix {
		if _, ok := formOf(s.Questionnaire); !ok {
			return fmt.Errorf("questionnaire %q is not one the generator can answer", s.Questionnaire)
		}
		if s.Weight < 0 {
			return fmt.Errorf("weight %d of %s", s.Weight, s.Questionnaire)
		}
		total += s.Weight
	}
	if total == 0 {
		return errors.New("the mix has no weight")
	}
	return nil
}
