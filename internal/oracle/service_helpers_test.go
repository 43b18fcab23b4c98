package oracle_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/oracle"
)

// told is a structured event of tenant t in the short form the tests below are written in: "contact c1 2026-03-02T09:00:00Z".
func told(what string, data obj, extra ...obj) []byte {
	f := strings.Fields(what)
	e := obj{
		"specversion": "1.0", "id": f[1], "source": "/app", "type": "rapport." + f[0] + ".v1", "time": f[2], "tenant": "t", "hash": 1, "data": data,
	}
	for _, x := range extra {
		for name, v := range x {
			e[name] = v
		}
	}
	return write(e)
}

func contact(id, at string, data obj) []byte {
	d := obj{"customer_id": "c", "issue": "i", "resolved": true}
	for name, v := range data {
		d[name] = v
	}
	return told("contact "+id+" "+at, d)
}

func milestone(id, at, name string, data obj) []byte {
	d := obj{"case_id": "k", "milestone": name}
	for name, v := range data {
		d[name] = v
	}
	return told("milestone "+id+" "+at, d)
}

func phase(id, at, name string, data obj) []byte {
	d := obj{"complaint_id": "p"}
	if name != "" {
		d["phase"] = name
	}
	for name, v := range data {
		d[name] = v
	}
	return told("complaint "+id+" "+at, d)
}

func instant(at string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		panic(err)
	}
	return t
}

// of is the one contact with an id.
func of(t *testing.T, r oracle.Result, id string) oracle.Contact {
	t.Helper()
	i := slices.IndexFunc(r.Contacts, func(c oracle.Contact) bool { return c.ID == id })
	if i < 0 {
		t.Fatalf("no contact %s", id)
	}
	return r.Contacts[i]
}

// cell are the measures that are not 0 of a cell of the rollups of tenant t.
func cell(t *testing.T, r oracle.Result, table, cut, day string, key ...string) map[string]int64 {
	t.Helper()
	for _, row := range r.Rows() {
		if row.Table != table || row.Tenant != "t" || row.Cut != cut || row.Day != day {
			continue
		}
		for _, x := range oracle.Tables() {
			if x.Name == table {
				return measures(x, row.Cell(key...))
			}
		}
	}
	return nil
}

// cellKeys are the keys of a row's cells in their order.
func cellKeys(r oracle.Result, table, cut, day string) (keys []string) {
	for _, row := range r.Rows() {
		if row.Table == table && row.Cut == cut && row.Day == day {
			for _, c := range row.Cells {
				keys = append(keys, strings.Join(c.Key, "|"))
			}
		}
	}
	return keys
}
