package schemas

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"time"
)

// Kind of an entity: what spans several events and has an outcome.
type Kind string

// The kinds of entities.
const (
	ChainOfContacts Kind = "chain"
	CaseOfWork      Kind = "case"
	OneComplaint    Kind = "complaint"
)

// Entity is one chain, case or complaint of a tenant. It is comparable, so it can key a map.
type Entity struct {
	Tenant string
	Kind   Kind
	Key    string // chain, case_id or complaint_id
}

// Span is a stretch of time, both ends in it.
type Span struct{ From, To time.Time }

// Include makes the span reach to an instant; the zero Span then is that instant alone.
func (s *Span) Include(at time.Time) {
	if s.From.IsZero() || at.Before(s.From) {
		s.From = at
	}
	if s.To.IsZero() || at.After(s.To) {
		s.To = at
	}
}

// Join makes the span reach over another one.
func (s *Span) Join(o Span) {
	s.Include(o.From)
	s.Include(o.To)
}

// maxKeyPart is the longest part of a chain's name that is kept as it is.
const maxKeyPart = 256

// Chain names the chain that a contact of these keys belongs to: its customer and issue, whatever the case; else its case; else it is
// alone. The name is unambiguous, readable and, since a part longer than 256 bytes is there as its SHA-256, short.
func Chain(customer, issue, caseID, source, id string) string {
	switch {
	case customer != "" && issue != "":
		return "customer=" + keyPart(customer) + "&issue=" + keyPart(issue)
	case customer != "":
		return "customer=" + keyPart(customer)
	case caseID != "":
		return "case=" + keyPart(caseID)
	}
	return "contact=" + keyPart(id) + "&source=" + keyPart(source)
}

func keyPart(s string) string {
	if len(s) > maxKeyPart {
		sum := sha256.Sum256([]byte(s))
		return "sha256:" + hex.EncodeToString(sum[:]) // the colon is escaped in all other parts
	}
	return url.QueryEscape(s)
}
