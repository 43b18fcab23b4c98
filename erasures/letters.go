package erasures

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// record is a refused or late record as stored.
type record struct {
	place
	tenant, source, id, typ, key, value string
	headers                             map[string]string
	appended                            time.Time
}

// blank says whether nothing is left of it but where it was.
func (r record) blank() bool {
	return r.key == "" && r.value == "" && r.id == "" && len(r.headers) == 0
}

// about says whether a record of the subject's tenant, or of none, is about the subject. One that can be read and names no tenant is the default tenant's. One
// that cannot be read may be anybody's: it counts as the default tenant's, and as that of any subject it names.
func (r record) about(s Subject, defaultTenant string) bool {
	named, readable := namedIn(r.value, s.Customer)
	if r.tenant == "" && readable && defaultTenant != "" && s.Tenant != defaultTenant {
		return false
	}
	if s.Customer == "" {
		return r.tenant == s.Tenant || s.Tenant == defaultTenant || r.mentions(s.Tenant)
	}
	if r.key == s.Customer {
		return true
	}
	for _, v := range r.headers {
		if v == s.Customer {
			return true
		}
	}
	return named || !readable && r.mentions(s.Customer)
}

// namedIn says whether a JSON value has a member customer_id or subject that is the id, as text or as the number that a careless app sends, and whether
// it could be read at all.
func namedIn(value, id string) (named, readable bool) {
	if !utf8.ValidString(value) {
		return false, false
	}
	tokens := json.NewDecoder(strings.NewReader(value))
	tokens.UseNumber()
	// Of each open object or array: is it an object, is a name expected, and the last name.
	type level struct {
		object, name bool
		last         string
	}
	var open []level
	for {
		t, err := tokens.Token()
		if errors.Is(err, io.EOF) {
			return named, len(open) == 0 && value != ""
		}
		if err != nil {
			return named, false
		}
		if d, ok := t.(json.Delim); ok && (d == '}' || d == ']') {
			open = open[:len(open)-1]
			continue
		}
		var at *level
		if len(open) > 0 {
			at = &open[len(open)-1]
		}
		if at != nil && at.object && at.name {
			at.last, _ = t.(string)
			at.name = false
			continue
		}
		if at != nil && at.object {
			at.name = true
			if at.last == "customer_id" || at.last == "subject" {
				switch v := t.(type) {
				case string:
					named = named || v == id
				case json.Number:
					named = named || v.String() == id
				}
			}
		}
		if d, ok := t.(json.Delim); ok {
			open = append(open, level{object: d == '{', name: d == '{'})
		}
	}
}

// mentions says whether text stands in the record as a word of its own.
func (r record) mentions(text string) bool {
	if word(r.value, text) || word(r.key, text) {
		return true
	}
	for _, v := range r.headers {
		if word(v, text) {
			return true
		}
	}
	return false
}

// word says whether text is in s with no letter or digit right before or after it.
func word(s, text string) bool {
	if text == "" {
		return false
	}
	for from := 0; ; {
		at := strings.Index(s[from:], text)
		if at < 0 {
			return false
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(s[:at])
		after, _ := utf8.DecodeRuneInString(s[at+len(text):])
		if !wordy(before) && !wordy(after) {
			return true
		}
		_, size := utf8.DecodeRuneInString(s[at:])
		from = at + size
	}
}

func wordy(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// records are the refused or late records about a subject that still hold something.
func (e *Eraser) records(ctx context.Context, statement string, s Subject) ([]record, error) {
	var found []record
	err := each(ctx, e.o.Conn, plain(statement), func(scan func(...any) error) error {
		var r record
		var appended int64
		if err := scan(&r.topic, &r.partition, &r.offset, &r.tenant, &r.source, &r.id, &r.typ, &r.key, &r.value, &r.headers, &appended); err != nil {
			return err
		}
		gone := r.blank() && (s.Customer != "" || r.tenant != s.Tenant)
		if !gone && r.about(s, e.o.DefaultTenant) {
			r.appended = time.UnixMilli(appended).UTC()
			r.value, r.headers, r.key = "", nil, "" // not needed any more, and large
			found = append(found, r)
		}
		return nil
	}, named("tenant", s.Tenant))
	return found, err
}

// keepRecords writes where records were, and the hashes of the events that they held.
func (e *Eraser) keepRecords(ctx context.Context, s Subject, erasure string, records []record) error {
	if len(records) == 0 {
		return nil
	}
	places, err := e.o.Conn.PrepareBatch(ctx, "INSERT INTO rapport_store.erased_places (topic, partition, offset, tenant, erasure)")
	if err != nil {
		return fmt.Errorf("erasures: keep places: %w", err)
	}
	for _, r := range records {
		shown := r.tenant
		if s.Customer == "" {
			shown = ""
		}
		if err := places.Append(r.topic, r.partition, r.offset, shown, erasure); err != nil {
			return fmt.Errorf("erasures: keep places: %w", errors.Join(err, places.Abort()))
		}
	}
	if err := places.Send(); err != nil {
		return fmt.Errorf("erasures: keep %d places: %w", len(records), err)
	}
	// Before their content goes: the statement reads it.
	for _, name := range []string{"dead_letters", "late_facts"} {
		if err := e.exec(ctx, "keep_record_events.sql", table{Name: name}, named("tenant", s.Tenant), named("default", e.o.DefaultTenant), named("erasure", erasure)); err != nil {
			return err
		}
	}
	return e.exec(ctx, "keep_contents.sql", table{Name: "dead_letters"}, named("erasure", erasure))
}
