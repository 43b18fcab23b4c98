package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/tenants"
)

// offer is what a tenant may ask for.
type offer struct {
	config  Config
	tenant  tenants.Tenant
	metrics []metrics.Metric
	catalog *questionnaires.Catalog
	now     time.Time
}

// request is what was asked for, read and within its bounds.
type request struct {
	offer
	given  map[string]bool
	metric metrics.Metric
	window metrics.Window
	cut    string
	// cutValues are those asked for; none: all.
	cutValues             []string
	questionnaire, detail string
	asOf, from, to        time.Time
	step                  string
	state                 string
	limit                 int
	// after is the key of the last row of the page before, none for the first page.
	after []string
}

// param is one parameter of a route: what OpenAPI and the page say of it, and how it is read. What read answers is what is wanted instead.
type param struct {
	name, doc string
	path      bool
	required  bool
	// times is how often it may stand in a query; 0: once.
	times  int
	schema func(offer) *jsonschema.Schema
	read   func(*request, string) error
}

// Bounds of what a parameter may be, in characters.
const (
	maxText   = 1024
	maxCursor = 8192
	maxValues = 50
)

func text(limit int) func(offer) *jsonschema.Schema {
	return func(offer) *jsonschema.Schema { return &jsonschema.Schema{Type: "string", MaxLength: &limit} }
}

// choice is one of a closed list.
func choice(of func(offer) []string) func(offer) *jsonschema.Schema {
	return func(o offer) *jsonschema.Schema {
		s := &jsonschema.Schema{Type: "string"}
		for _, v := range of(o) {
			s.Enum = append(s.Enum, v)
		}
		return s
	}
}

// among says whether s is of the list, which is what everything that is a name is held to.
func among(list []string, s string) error {
	if slices.Contains(list, s) {
		return nil
	}
	return fmt.Errorf("want one of %s", strings.Join(list, " "))
}

func instant(offer) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Format: "date-time"}
}

// moment is an instant or a day.
func moment(offer) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", AnyOf: []*jsonschema.Schema{{Format: "date-time"}, {Format: "date"}}}
}

// The first and the last instant that can be asked for: what ClickHouse's DateTime64(6) is sure to hold.
var (
	earliest = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

func readInstant(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		// A plus sign in a query is a space.
		if _, err := time.Parse(time.RFC3339Nano, strings.Replace(s, " ", "+", 1)); err == nil {
			return t, fmt.Errorf("want + written as %%2B")
		}
		return t, fmt.Errorf("want an instant, as 2026-03-02T11:00:00Z")
	}
	if t.Before(earliest) || !t.Before(latest) {
		return t, fmt.Errorf("want an instant from %d to %d", earliest.Year(), latest.Year()-1)
	}
	return t.UTC().Truncate(time.Microsecond), nil
}

// readMoment reads an instant, or a day as its first instant in the tenant's zone.
func readMoment(o offer, s string) (time.Time, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		t, err := readInstant(s)
		if err != nil && !strings.Contains(err.Error(), "%2B") {
			err = fmt.Errorf("%w, or a day, as 2026-03-02", err)
		}
		return t, err
	}
	t, _ := o.tenant.Bounds(s)
	if t.Before(earliest) || !t.Before(latest) {
		return t, fmt.Errorf("want a day from %d to %d", earliest.Year()+1, latest.Year()-1)
	}
	return t, nil
}

func pageSize(o offer) *jsonschema.Schema {
	one, most := 1.0, float64(o.config.MaxPageRows)
	return &jsonschema.Schema{Type: "integer", Minimum: &one, Maximum: &most, Default: json.RawMessage(strconv.Itoa(o.config.PageRows))}
}

func readLimit(r *request, s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > r.config.MaxPageRows {
		return fmt.Errorf("want a whole number from 1 to %d", r.config.MaxPageRows)
	}
	r.limit = n
	return nil
}

// cursor is the key of a row as callers hand it back: opaque to them, and nothing but a place to go on from.
func cursor(key ...string) *string {
	text, err := json.Marshal(key)
	if err != nil {
		return nil // strings always marshal
	}
	s := base64.RawURLEncoding.EncodeToString(text)
	return &s
}

// readCursor reads a cursor whose key has so many parts.
func readCursor(parts int) func(*request, string) error {
	return func(r *request, s string) error {
		wanted := fmt.Errorf("want what `next` of the page before was, as it was")
		text, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			return wanted
		}
		var key []string
		if json.Unmarshal(text, &key) != nil || len(key) != parts {
			return wanted
		}
		for _, k := range key {
			if plain(k) != nil {
				return wanted
			}
		}
		r.after = key
		return nil
	}
}

// plain says whether a text can be looked for: one that is not UTF-8, or has a zero byte, is in no event.
func plain(s string) error {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return fmt.Errorf("want text in UTF-8 without zero bytes")
	}
	return nil
}
