package generator

import "encoding/json"

// contact, milestone and complaint are the contract's JSON, as the types of wire.go are.

type contact struct {
	Attributes  *attributes       `json:"attributes,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	CustomerID  string            `json:"customer_id,omitempty"`
	Issue       string            `json:"issue,omitempty"`
	CaseID      string            `json:"case_id,omitempty"`
	Direction   string            `json:"direction,omitempty"`
	Answered    *bool             `json:"answered,omitempty"`
	Resolved    json.RawMessage   `json:"resolved,omitempty"` // true, false or null
	Wait        *float64          `json:"wait_seconds,omitempty"`
	Talk        *float64          `json:"talk_seconds,omitempty"`
	Hold        *float64          `json:"hold_seconds,omitempty"`
	Wrap        *float64          `json:"wrap_seconds,omitempty"`
	Transferred bool              `json:"transferred,omitempty"`
	Unknown     string            `json:"x_app_build,omitempty"`
}

type milestone struct {
	Attributes *attributes       `json:"attributes,omitempty"`
	Labels     map[string]string `json:"labels,omitempty"`
	CaseID     string            `json:"case_id,omitempty"`
	Milestone  string            `json:"milestone,omitempty"`
	CustomerID string            `json:"customer_id,omitempty"`
	Due        map[string]string `json:"due,omitempty"`
	Unknown    string            `json:"x_app_build,omitempty"`
}

type complaint struct {
	Attributes  *attributes       `json:"attributes,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	ComplaintID string            `json:"complaint_id,omitempty"`
	Phase       string            `json:"phase,omitempty"`
	CustomerID  string            `json:"customer_id,omitempty"`
	CaseID      string            `json:"case_id,omitempty"`
	Issue       string            `json:"issue,omitempty"`
	Severity    string            `json:"severity,omitempty"`
	Category    string            `json:"category,omitempty"`
	Reason      string            `json:"reason,omitempty"`
	Dimension   string            `json:"dimension,omitempty"`
	Due         map[string]string `json:"due,omitempty"`
	Handling    string            `json:"handling,omitempty"`
	Timely      json.RawMessage   `json:"timely,omitempty"` // true, false or null
	Unknown     string            `json:"x_app_build,omitempty"`
}

// keys are what a retraction of a contact, milestone or complaint may carry.
type keys struct {
	CustomerID  string `json:"customer_id,omitempty"`
	Issue       string `json:"issue,omitempty"`
	CaseID      string `json:"case_id,omitempty"`
	ComplaintID string `json:"complaint_id,omitempty"`
}
