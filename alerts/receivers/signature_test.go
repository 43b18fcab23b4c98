package receivers

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWebhook(t *testing.T) {
	address, posts := serve(t, ok)
	w, err := NewWebhook(WebhookOptions{Address: Address{URL: address + "/hook", Trusted: true}, Secret: "s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	sent := time.Unix(1772442900, 0)
	w.now = func() time.Time { return sent }
	for _, transition := range []string{Firing, Resolved} {
		if err := w.Send(t.Context(), drop(transition)); err != nil {
			t.Fatal(err)
		}
		got := <-posts
		if got.path != "/hook" || got.header.Get("Content-Type") != "application/cloudevents+json; charset=utf-8" {
			t.Errorf("%s %s", got.path, got.header)
		}
		if key := got.header.Get("Idempotency-Key"); key != "5d0c1a7be2f94c0f-"+transition {
			t.Errorf("key %q", key)
		}
		signature := got.header.Get("X-Rapport-Signature")
		for name, c := range map[string]struct {
			secret    string
			body      []byte
			signature string
			now       time.Time
			holds     bool
		}{
			"as sent":        {"s3cret", got.body, signature, sent.Add(time.Minute), true},
			"secret renewed": {"s3cret", got.body, signature + ",v1=00ff", sent, true},
			"wrong secret":   {"other", got.body, signature, sent, false},
			"other body":     {"s3cret", append([]byte(" "), got.body...), signature, sent, false},
			"replayed later": {"s3cret", got.body, signature, sent.Add(time.Hour), false},
			"from later on":  {"s3cret", got.body, signature, sent.Add(-time.Hour), false},
			"time moved":     {"s3cret", got.body, strings.Replace(signature, "t=1", "t=2", 1), sent, false},
			"no time":        {"s3cret", got.body, signature[strings.Index(signature, "v1="):], sent, false},
			"two times":      {"s3cret", got.body, "t=1," + signature, sent, false},
			"nothing":        {"s3cret", got.body, "", sent, false},
		} {
			err := Verify(c.secret, c.body, c.signature, c.now, 5*time.Minute)
			if (err == nil) != c.holds || err != nil && !errors.Is(err, ErrSignature) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestWebhookTheSameAgain: what is sent again differs in nothing but the time of its signature.
func TestWebhookTheSameAgain(t *testing.T) {
	address, posts := serve(t, ok)
	w, err := NewWebhook(WebhookOptions{Address: Address{URL: address, Trusted: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for range 2 {
		if err := w.Send(t.Context(), drop(Firing)); err != nil {
			t.Fatal(err)
		}
	}
	first, second := <-posts, <-posts
	if string(first.body) != string(second.body) || first.header.Get("Idempotency-Key") != second.header.Get("Idempotency-Key") {
		t.Error("a repetition differs")
	}
	if _, signed := first.header[http.CanonicalHeaderKey(SignatureHeader)]; signed {
		t.Error("signed without a secret")
	}
}

// TestSignatureIsWhatTheDocsSay holds the one that docs/receivers.md works out by hand.
func TestSignatureIsWhatTheDocsSay(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "receivers.md"))
	if err != nil {
		t.Fatal(err)
	}
	if want := Sign("secret", []byte(`{"specversion":"1.0"}`), time.Unix(1772442900, 0)); !strings.Contains(string(page), want) {
		t.Errorf("docs/receivers.md lacks %s", want)
	}
}

func FuzzVerify(f *testing.F) {
	body, now := []byte("body"), time.Unix(1772442900, 0)
	f.Add(Sign("s", body, now))
	f.Add("t=1,v1=,v1=zz")
	f.Add(",,t==,v1")
	f.Fuzz(func(t *testing.T, header string) {
		// Who does not know the secret makes nothing that holds; the one true signature may be written with more around it.
		if Verify("s", body, header, now, time.Minute) == nil && !strings.Contains(strings.ToLower(header), strings.TrimPrefix(Sign("s", body, now), "t=1772442900,v1=")) {
			own := Verify("s", body, header, now, time.Minute)
			t.Errorf("%q holds: %v", header, own)
		}
	})
}
