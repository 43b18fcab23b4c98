package oracle

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// service is the data of a contact, a milestone or a complaint: no name means two things in them.
type service struct {
	Attributes  attributes        `json:"attributes"`
	Labels      map[string]string `json:"labels"`
	CustomerID  string            `json:"customer_id"`
	Issue       string            `json:"issue"`
	CaseID      string            `json:"case_id"`
	ComplaintID string            `json:"complaint_id"`

	Direction   string `json:"direction"` // of contacts
	Answered    *bool  `json:"answered"`
	Resolved    *bool  `json:"resolved"`
	Wait        micros `json:"wait_seconds"`
	Talk        micros `json:"talk_seconds"`
	Hold        micros `json:"hold_seconds"`
	Wrap        micros `json:"wrap_seconds"`
	Transferred bool   `json:"transferred"`

	Milestone string               `json:"milestone"`
	Phase     string               `json:"phase"`
	Due       map[string]time.Time `json:"due"`

	Severity  string `json:"severity"`
	Category  string `json:"category"`
	Reason    string `json:"reason"`
	Dimension string `json:"dimension"`
	Handling  string `json:"handling"`
	Timely    *bool  `json:"timely"`
}

// micros is a duration that the contract writes in seconds.
type micros struct {
	value int64
	set   bool
}

func (m *micros) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	var seconds float64
	if err := json.Unmarshal(b, &seconds); err != nil {
		return err
	}
	x := math.Round(seconds * 1e6)
	if x >= math.MaxInt64 {
		return fmt.Errorf("%s seconds are more microseconds than an Int64 holds", b)
	}
	m.value, m.set = int64(x), true
	return nil
}

func (m micros) pointer() *int64 {
	if !m.set {
		return nil
	}
	return &m.value
}

// entity names the chain, case or complaint that an event belongs to.
func (s service) entity(id Identity) string {
	switch schemas.Type(id.Type) {
	case schemas.TypeMilestone:
		return s.CaseID
	case schemas.TypeComplaint:
		return s.ComplaintID
	}
	q := url.QueryEscape
	switch {
	case s.CustomerID != "" && s.Issue != "":
		return "customer=" + q(s.CustomerID) + "&issue=" + q(s.Issue)
	case s.CustomerID != "":
		return "customer=" + q(s.CustomerID)
	case s.CaseID != "":
		return "case=" + q(s.CaseID)
	}
	return "contact=" + q(id.ID) + "&source=" + q(id.Source)
}

// step is the milestone or phase that an event reports, empty where it only states fields.
func (s service) step() string {
	if s.Milestone != "" {
		return s.Milestone
	}
	return s.Phase
}

// compareDeliveries is the order of events within a chain, case or complaint.
func compareDeliveries(a, b delivery) int {
	switch {
	case !a.at.Equal(b.at):
		return a.at.Compare(b.at)
	case a.Source != b.Source:
		return compareText(a.Source, b.Source)
	}
	return compareText(a.ID, b.ID)
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// entityKey is a chain, case or complaint of a tenant.
type entityKey struct{ tenant, entity string }

func byEntity(ds []delivery) map[entityKey][]delivery {
	groups := map[entityKey][]delivery{}
	for _, d := range ds {
		k := entityKey{d.Tenant, d.entity}
		groups[k] = append(groups[k], d)
	}
	return groups
}
