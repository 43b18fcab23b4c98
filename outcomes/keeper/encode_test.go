package keeper

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// TestMarksOfVersionsBefore: marks that lie on the topic as JSON are read as those of today are.
func TestMarksOfVersionsBefore(t *testing.T) {
	from := at(t, "2026-03-02T10:20:30Z")
	e := schemas.Entity{Tenant: "t", Kind: schemas.ChainOfContacts, Key: "a"}
	always := schemas.Entity{Tenant: "t", Kind: schemas.OneComplaint, Key: "b"}
	was := `{"tenant":"t","marks":[{"kind":"chain","key":"a","from":1772446830000000,"to":1772450430000000},{"kind":"complaint","key":"b"}]}`
	is := messages(map[schemas.Entity]schemas.Span{e: {From: from, To: from.Add(time.Hour)}, always: {}})
	old := read([]kafka.Message{{Value: []byte(was)}}, func(_ kafka.Message, err error) { t.Error(err) })
	anew := read(is, func(_ kafka.Message, err error) { t.Error(err) })
	if diff := cmp.Diff(old, anew, cmp.AllowUnexported(stale{})); diff != "" || len(old) != 2 {
		t.Errorf("as JSON (-) and packed (+):\n%s", diff)
	}
}

// TestMarksThatEndTooEarly: a record cut off anywhere but between two marks is none at all.
func TestMarksThatEndTooEarly(t *testing.T) {
	marks := []mark{{kind: schemas.ChainOfContacts, key: "customer=1", from: 500_000, to: 500_001}, {kind: schemas.CaseOfWork, key: "k", always: true}}
	one, both := len(encode("t", marks[:1])), encode("t", marks)
	none := len(encode("t", nil))
	for cut := range both {
		_, got, err := decode(both[:cut])
		switch cut {
		case none:
			if err != nil || len(got) != 0 {
				t.Errorf("no marks: %v, %v", got, err)
			}
		case one:
			if err != nil || len(got) != 1 {
				t.Errorf("one mark: %v, %v", got, err)
			}
		default:
			if err == nil {
				t.Errorf("cut at %d of %d: %v", cut, len(both), got)
			}
		}
	}
}
