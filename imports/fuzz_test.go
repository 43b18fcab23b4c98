package imports

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rapport-project/rapport/internal/kafka"
)

// FuzzMapping: whatever a mapping file holds, it is sound or wrong, and what is wrong has a place and a wish.
func FuzzMapping(f *testing.F) {
	names, err := filepath.Glob("../examples/mappings/*.yaml")
	if err != nil || len(names) == 0 {
		f.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(fmt.Sprintf(contacts, `{answered: {column: a, map: {x: true}}, attributes: {region: "{{x}}"}}`))
	f.Fuzz(func(t *testing.T, text string) {
		m, problems := Check("m.yaml", []byte(text))
		if (m == nil) != (len(problems) > 0) {
			t.Fatalf("neither sound nor wrong: %v", problems)
		}
		for _, p := range problems {
			if p.Line == 0 && p.Field != "" || p.Detail == "" {
				t.Errorf("a problem without place or wish: %+v", p)
			}
		}
	})
}

// FuzzRows: whatever a file holds, each row is read, skipped or refused, what is published is what the contract takes, and the
// same bytes give the same events.
func FuzzRows(f *testing.F) {
	for _, seed := range []string{"id,at,a\n1,2025-01-01,x\n", "\ufeffid;at;a\r\n1;2025-01-01 9:00:00;\"x\ny\"\r\n", `{"id":1,"at":"2025-01-01","a":3}`, "id,at,a\n1,2025-02-30,\"", "\x1f\x8b"} {
		for form := range uint8(3) {
			f.Add(seed, form)
		}
	}
	forms := []string{"{}", `{separator: ";", encoding: gb18030}`, "{format: ndjson}"}
	check := judge(f)
	f.Fuzz(func(t *testing.T, text string, form uint8) {
		m := mapping(t, "file: "+forms[int(form)%len(forms)]+"\n"+fmt.Sprintf(contacts, `{issue: "{a}", wait_seconds: {column: a, when: {column: id, is: 1}}}`))
		var first []byte
		for i := range 2 {
			var all []byte
			s, _ := Run(t.Context(), Options{Mapping: m, Files: []string{"-"}, Stdin: strings.NewReader(text), Explain: 1 << 20, Judge: check,
				Publish: func(_ context.Context, msgs []kafka.Message) error {
					for _, msg := range msgs {
						all = append(append(all, msg.Value...), '\n')
					}
					return nil
				}})
			if s.Rows != s.Published+s.Refused+s.Skipped || len(s.Refusals) != s.Refused || !utf8.Valid(all) {
				t.Fatalf("%+v", s)
			}
			if i == 0 {
				first = all
			} else if !bytes.Equal(first, all) {
				t.Fatalf("%s\nthen\n%s", first, all)
			}
		}
	})
}
