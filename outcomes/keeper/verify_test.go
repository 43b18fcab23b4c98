package keeper

import (
	"strings"
	"testing"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// TestCompareSaysWhatDiffers: what is compared is counted, each wrong column named, and a row of which there is no fact found.
func TestCompareSaysWhatDiffers(t *testing.T) {
	r := newRig(t)
	r.write(contact(t, "a", "2026-03-02T09:00:00Z"), contact(t, "b", "2026-06-05T10:00:00Z"), milestone(t, "m", "2026-03-02T09:00:00Z", "k", "requested"))
	r.settle()
	look := func(scope Scope) (counts map[string]uint64, found []Difference) {
		t.Helper()
		counts = map[string]uint64{}
		for _, kind := range Kinds() {
			entities, err := r.keeper.Entities(t.Context(), kind, scope, schemas.Entity{})
			if err != nil {
				t.Fatal(err)
			}
			n, more, err := r.keeper.Compare(t.Context(), kind, entities)
			if err != nil {
				t.Fatal(err)
			}
			strays, err := r.keeper.Strays(t.Context(), kind, scope)
			if err != nil {
				t.Fatal(err)
			}
			for table, c := range n {
				counts[table] += c
			}
			found = append(append(found, more...), strays...)
		}
		return counts, found
	}
	march := Scope{From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 31, 23, 0, 0, 0, time.UTC)}
	for name, c := range map[string]struct {
		scope           Scope
		contacts, cases uint64
	}{
		"all":           {Scope{}, 2, 1},
		"march":         {march, 2, 1}, // the chain as a whole, for it has a contact there
		"june":          {Scope{From: march.To}, 2, 0},
		"later":         {Scope{From: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)}, 0, 0},
		"other tenants": {Scope{Tenant: "nobody"}, 0, 0},
	} {
		counts, found := look(c.scope)
		if counts["contact_outcomes"] != c.contacts || counts["case_outcomes"] != c.cases || len(found) > 0 {
			t.Errorf("%s: %v compared, %v found, want %d contacts, %d cases and nothing", name, counts, found, c.contacts, c.cases)
		}
	}
	for _, sql := range []string{
		"ALTER TABLE rapport_store.contact_outcomes UPDATE fcr = 'no', is_first = false WHERE id = 'a' SETTINGS mutations_sync = 1",
		"ALTER TABLE rapport_store.case_outcomes DELETE WHERE case_id = 'k' SETTINGS mutations_sync = 1",
		`INSERT INTO rapport_store.contact_outcomes (* EXCEPT (id, version)) SELECT * EXCEPT (id) FROM rapport_store.contact_outcomes FINAL WHERE id = 'b'`,
	} {
		if err := r.conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	_, found := look(march)
	var said []string
	for _, d := range found {
		said = append(said, d.Table+" "+d.Key+" "+d.Detail)
	}
	for _, want := range []string{
		`contact_outcomes customer=c&issue=pump contact "a": is_first stored false, recomputed true, fcr stored no, recomputed yes`, "case_outcomes k not stored",
	} {
		if !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("%q is not said:\n%s", want, strings.Join(said, "\n"))
		}
	}
	_, found = look(Scope{From: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
	strays := 0
	for _, d := range found {
		if strings.Contains(d.Detail, "there is no fact of it") {
			strays++
		}
	}
	if strays != 1 {
		t.Errorf("%d strays, want the one that was inserted: %v", strays, found)
	}
}
