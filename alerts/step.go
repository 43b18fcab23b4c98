package alerts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Status is where an alert stands.
type Status string

// The statuses. An alert that is inactive is not stored.
const (
	Inactive Status = "inactive"
	Pending  Status = "pending"
	Firing   Status = "firing"
)

// Change is what happened to an alert at an instant.
type Change string

// The changes that are told. Corrected ends an alert, or takes back one that has ended: with what is known now it would not have fired.
const (
	Fired     Change = "firing"
	Resolved  Change = "resolved"
	Corrected Change = "corrected"
)

// Life is the state of one alert of one figure.
type Life struct {
	Status Status `json:"status"`
	// Since is the first of the instants, without gap, at which it was past.
	Since time.Time `json:"since"`
	// FiredAt is when it fired; zero before.
	FiredAt time.Time `json:"fired_at,omitzero"`
	// Held is the last instant at which it was not yet back.
	Held time.Time `json:"held,omitzero"`
	// Seen is the last instant that was judged.
	Seen time.Time `json:"seen"`
}

// Step is one instant in the life of an alert: the state before, what the rule makes of the figure, and the instant. It is pure. An instant that is
// not after the last one changes nothing, so that judging again is harmless; interval is how far apart instants are.
func Step(was Life, v Verdict, r Rule, interval time.Duration, at time.Time) (Life, Change) {
	if !was.Seen.IsZero() && !at.After(was.Seen) {
		return was, ""
	}
	gap := !was.Seen.IsZero() && at.Sub(was.Seen) > interval
	now := was
	now.Seen = at
	past := v.past(r)
	if was.Status == Firing {
		return holdOrEnd(now, v, past, r, at)
	}
	if !past {
		return Life{Status: Inactive, Seen: at}, ""
	}
	// Instants that nobody judged are no evidence that it was past at them.
	if was.Status != Pending || gap {
		now = Life{Status: Pending, Since: at, Seen: at}
	}
	if at.Sub(now.Since) < r.For {
		return now, ""
	}
	now.Status, now.FiredAt, now.Held = Firing, at, at
	return now, Fired
}

func holdOrEnd(now Life, v Verdict, past bool, r Rule, at time.Time) (Life, Change) {
	back := v.Back || (v.None || v.Thin) && r.NoData == Resolve
	switch {
	case past || !back:
		// What is not known is held, but does not put off the end once it is known.
		if past || !v.None && !v.Thin {
			now.Held = at
		}
		return now, ""
	case at.Sub(now.Held) < r.KeepFiringFor:
		return now, ""
	}
	return Life{Status: Inactive, Seen: at}, Resolved
}

// ID names an alert for ever: whoever judges the same figures comes to the same.
func ID(tenant, group string, k Key, since time.Time) string {
	h := sha256.New()
	for _, part := range []string{tenant, group, k.Alert, k.Questionnaire, k.Detail, k.Cut, k.CutValue} {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part) // a hash takes all that is written
	}
	_, _ = fmt.Fprintf(h, "%d", since.UnixMicro())
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Key tells the alerts of a group and tenant apart: one of a rule for each figure that it judges.
type Key struct {
	Alert         string `json:"alert"`
	Questionnaire string `json:"questionnaire,omitempty"`
	Detail        string `json:"detail,omitempty"`
	Cut           string `json:"cut,omitempty"`
	CutValue      string `json:"cut_value,omitempty"`
}
