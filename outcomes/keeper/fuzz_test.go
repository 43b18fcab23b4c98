package keeper

import (
	"testing"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// FuzzMarks: what anybody may have put on the topic is told as no mark, or names entities, which are marked again as they are.
func FuzzMarks(f *testing.F) {
	f.Add([]byte(`{"tenant":"t","marks":[{"kind":"chain","key":"a","from":0,"to":3600000000},{"kind":"case","key":"k"}]}`))
	f.Add([]byte(`{"tenant":"t","marks":[{"kind":"complaint","key":"","from":9,"to":1},{"kind":"complaint","key":"","from":-1,"to":5}]}`))
	f.Add([]byte(`{"tenant":"","marks":[]}`))
	f.Add(encode("t", []mark{{kind: schemas.ChainOfContacts, key: "ab", from: 1, to: 9}, {kind: schemas.CaseOfWork, key: "abc", always: true}}))
	f.Fuzz(func(t *testing.T, value []byte) {
		bad := 0
		entities := read([]kafka.Message{{Value: value, Offset: 7}}, func(kafka.Message, error) { bad++ })
		if bad > 0 && len(entities) > 0 {
			t.Fatal("told as no mark, and taken for one")
		}
		spans := map[schemas.Entity]schemas.Span{}
		for e, s := range entities {
			if e.Tenant == "" || s.offset != 7 || !s.always && s.span.To.Before(s.span.From) {
				t.Fatalf("%+v: %+v", e, s)
			}
			if spans[e] = s.span; s.always {
				spans[e] = schemas.Span{}
			}
		}
		msgs := messages(spans)
		again := read(msgs, func(_ kafka.Message, err error) { t.Error(err) })
		if len(again) != len(entities) {
			t.Fatalf("%d entities come back as %d", len(entities), len(again))
		}
		for e, s := range entities {
			if a, ok := again[e]; !ok || a.always != s.always || !s.always && !(a.span.From.Equal(s.span.From) && a.span.To.Equal(s.span.To)) {
				t.Errorf("%+v: %+v comes back as %+v", e, s, a)
			}
		}
	})
}
