package keeper

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// anyContact is a contact with whatever its columns can hold.
func anyContact(t *rapid.T) schemas.ContactFact {
	text := rapid.OneOf(rapid.SampledFrom([]string{"", "a", "\x00\xff", strings.Repeat("long", 100)}), rapid.String())
	micros := rapid.Ptr(rapid.Int64(), true)
	hour := time.Unix(3600*rapid.Int64Range(0, math.MaxUint32/3600).Draw(t, "hour"), 0).UTC()
	f := schemas.ContactFact{
		Identity:   schemas.Identity{Tenant: text.Draw(t, "tenant"), Hour: hour, Source: text.Draw(t, "source"), ID: text.Draw(t, "id")},
		Version:    schemas.Version{Revision: rapid.Uint32().Draw(t, "revision"), Payload: rapid.Uint64().Draw(t, "payload"), Retracted: rapid.Bool().Draw(t, "retracted")},
		OccurredAt: hour.Add(time.Duration(rapid.Int64Range(0, 3_599_999_999).Draw(t, "micros")) * time.Microsecond),
		Chain:      rapid.SampledFrom([]string{"one", "two"}).Draw(t, "chain"), CustomerID: text.Draw(t, "customer"), Issue: text.Draw(t, "issue"), CaseID: text.Draw(t, "case"),
		Direction: text.Draw(t, "direction"), Answered: rapid.Bool().Draw(t, "answered"), Resolved: rapid.Ptr(rapid.Bool(), true).Draw(t, "resolved"),
		WaitMicros: micros.Draw(t, "wait"), TalkMicros: micros.Draw(t, "talk"), HoldMicros: micros.Draw(t, "hold"), WrapMicros: micros.Draw(t, "wrap"),
		Transferred: rapid.Bool().Draw(t, "transferred"), Superseded: rapid.Bool().Draw(t, "superseded"),
	}
	for _, a := range []*string{&f.Region, &f.OrgUnit, &f.Product, &f.Service, &f.Channel, &f.Segment, &f.Agent} {
		*a = text.Draw(t, "attribute")
	}
	f.Labels = rapid.MapOfN(text, text, 0, 3).Draw(t, "labels")
	return f
}

// brokenChain is a chain whose rows are not all beside each other, if there is one.
func brokenChain(rows []schemas.ContactOutcome) string {
	seen := map[string]bool{}
	for i := range rows {
		of := rows[i].Tenant + "/" + rows[i].Chain
		if seen[of] && rows[i-1].Tenant+"/"+rows[i-1].Chain != of {
			return of
		}
		seen[of] = true
	}
	return ""
}

// TestByChain: rows in whatever order are brought together, those of a chain in the order they had.
func TestByChain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SampledFrom([]string{"a", "b", "c"})
		rows := make([]schemas.ContactOutcome, rapid.IntRange(0, 12).Draw(t, "rows"))
		for i := range rows {
			rows[i].Tenant, rows[i].Chain, rows[i].ID = names.Draw(t, "tenant"), names.Draw(t, "chain"), fmt.Sprintf("%02d", i)
		}
		given := slices.Clone(rows)
		byChain(rows)
		// Ids rise, so that this is the one order which keeps that of each chain.
		slices.SortFunc(given, func(a, b schemas.ContactOutcome) int {
			return strings.Compare(a.Tenant+a.Chain+a.ID, b.Tenant+b.Chain+b.ID)
		})
		if diff := cmp.Diff(given, rows); diff != "" {
			t.Errorf("wanted (-) and got (+):\n%s", diff)
		}
	})
}

// TestContactsOfBothProtocols: contacts read as bytes are those that a scan gives, whatever their columns hold.
func TestContactsOfBothProtocols(t *testing.T) {
	r := newRig(t)
	var facts []schemas.ContactFact
	rapid.Check(t, func(rt *rapid.T) { facts = append(facts, anyContact(rt)) })
	if err := r.sink.Write(t.Context(), sinks.Batch{Contacts: facts}); err != nil {
		t.Fatal(err)
	}
	var wanted []schemas.Entity
	for _, f := range facts {
		wanted = append(wanted, schemas.Entity{Tenant: f.Tenant, Kind: schemas.ChainOfContacts, Key: f.Chain})
	}
	asBytes, err := r.keeper.contactsOf(t.Context(), wanted, nil)
	if err != nil {
		t.Fatal(err)
	}
	scanned, err := r.keeper.contactsByScan(t.Context(), wanted)
	if err != nil {
		t.Fatal(err)
	}
	if len(asBytes) == 0 {
		t.Fatal("no contacts")
	}
	if broken := brokenChain(asBytes); broken != "" {
		t.Errorf("contacts of %s are not beside each other", broken)
	}
	sort := func(rows []schemas.ContactOutcome) {
		slices.SortFunc(rows, func(a, b schemas.ContactOutcome) int { return bytes.Compare(asRowBinary(&a), asRowBinary(&b)) })
	}
	sort(asBytes)
	sort(scanned)
	if diff := cmp.Diff(scanned, asBytes, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("by scan (-) and as bytes (+):\n%s", diff)
	}
}

// asRowBinary is a contact as RowBinary has it, written down once more from the format's description.
func asRowBinary(o *schemas.ContactOutcome) []byte {
	var b []byte
	text := func(s ...string) {
		for _, s := range s {
			b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
		}
	}
	flag := func(v bool) {
		if v {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
	}
	number := func(v *int64) {
		if flag(v == nil); v != nil {
			b = binary.LittleEndian.AppendUint64(b, uint64(*v))
		}
	}
	f := &o.ContactFact
	text(f.Tenant)
	b = binary.LittleEndian.AppendUint32(b, uint32(f.Hour.Unix()))
	text(f.Source, f.ID)
	b = binary.LittleEndian.AppendUint32(b, f.Revision)
	b = binary.LittleEndian.AppendUint64(b, f.Payload)
	flag(f.Retracted)
	b = binary.LittleEndian.AppendUint64(b, uint64(f.OccurredAt.UnixMicro()))
	text(f.Chain, f.CustomerID, f.Issue, f.CaseID, f.Region, f.OrgUnit, f.Product, f.Service, f.Channel, f.Segment, f.Agent)
	b = binary.AppendUvarint(b, uint64(len(f.Labels)))
	for k, v := range f.Labels {
		text(k, v)
	}
	text(f.Direction)
	flag(f.Answered)
	if flag(f.Resolved == nil); f.Resolved != nil {
		flag(*f.Resolved)
	}
	for _, v := range []*int64{f.WaitMicros, f.TalkMicros, f.HoldMicros, f.WrapMicros} {
		number(v)
	}
	flag(f.Transferred)
	flag(f.Superseded)
	return b
}

// TestReadContacts: rows come back whatever pieces they arrive in, and an end or a fault amid them is an error, never fewer rows.
func TestReadContacts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want []schemas.ContactOutcome
		var all []byte
		ends := map[int]bool{0: true}
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			row := schemas.ContactOutcome{ContactFact: anyContact(t)}
			if rapid.IntRange(0, 9).Draw(t, "large") == 0 {
				row.CaseID = strings.Repeat("x", readBytes)
			}
			want, all = append(want, row), append(all, asRowBinary(&row)...)
			ends[len(all)] = true
		}
		got, err := readContacts(iotest.HalfReader(bytes.NewReader(all)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		cut := rapid.IntRange(0, len(all)).Draw(t, "cut")
		if _, err := readContacts(bytes.NewReader(all[:cut]), nil); (err == nil) != ends[cut] {
			t.Fatalf("cut at %d of %d: %v", cut, len(all), err)
		}
		broken := errors.New("broken")
		if _, err := readContacts(io.MultiReader(bytes.NewReader(all[:cut]), iotest.ErrReader(broken)), nil); !errors.Is(err, broken) {
			t.Fatalf("a fault is told as %v", err)
		}
	})
}

func FuzzContacts(f *testing.F) {
	f.Add(asRowBinary(&schemas.ContactOutcome{}))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := readContacts(bytes.NewReader(data), nil)
		if err != nil {
			return
		}
		var again []byte
		for i := range rows {
			if len(rows[i].Labels) > 1 {
				return // in any order
			}
			again = append(again, asRowBinary(&rows[i])...)
		}
		back, err := readContacts(bytes.NewReader(again), nil)
		if diff := cmp.Diff(rows, back, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Fatal(err, diff)
		}
	})
}
