package receivers

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata anew")

// golden holds text to a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := "testdata/" + name
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got); -update writes it anew:\n%s", name, diff)
	}
}

func indented(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), '\n')
}

func TestSlackGolden(t *testing.T) {
	address, posts := serve(t, ok)
	s, err := NewSlack(Address{URL: address + "/services/T0/B0/x", Trusted: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, transition := range []string{Firing, Resolved, Corrected} {
		if err := s.Send(t.Context(), drop(transition)); err != nil {
			t.Fatal(err)
		}
		got := <-posts
		if got.path != "/services/T0/B0/x" {
			t.Error(got.path)
		}
		golden(t, "slack_"+transition+".json", indented(t, got.body))
	}
}

// TestSlackHasBounds: Slack refuses a message with a block that is too long, and markup in what events say is text.
func TestSlackHasBounds(t *testing.T) {
	n := drop(Firing)
	n.Alert = strings.Repeat("警", 400)
	n.Annotations["summary"] = "<!channel> " + strings.Repeat("x&", 5000)
	m := slackMessage(n)
	if len(m.Blocks) != 4 {
		t.Fatalf("%d blocks", len(m.Blocks))
	}
	for _, b := range m.Blocks[:3] {
		limit := map[string]int{"header": 150, "section": 3000}[b.Type]
		if got := utf8.RuneCountInString(b.Text.Text); got > limit || got == 0 {
			t.Errorf("%s of %d characters", b.Type, got)
		}
		if strings.Contains(b.Text.Text, "<!channel>") {
			t.Error("an event mentions the whole channel")
		}
	}
	// What is cut is never half an escape.
	if text := m.Blocks[1].Text.Text; strings.HasSuffix(text, "&…") || strings.HasSuffix(text, "&a…") || strings.HasSuffix(text, "&am…") || strings.HasSuffix(text, "&amp…") {
		t.Errorf("ends with %q", text[len(text)-10:])
	}
}
