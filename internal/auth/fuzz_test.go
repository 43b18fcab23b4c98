package auth

import (
	"regexp"
	"strings"
	"testing"
)

// place is where in a keys file a mistake is.
var place = regexp.MustCompile(`keys\[\d+\]|\[\d+:\d+\]|holds no keys|line|EOF`)

// FuzzKeys reads any keys file: it is refused with the place of the mistake and without showing a hash, or each of its keys lets its tenant in alone.
func FuzzKeys(f *testing.F) {
	hash := Hash("secret")
	f.Add([]byte("keys:\n- {id: a, sha256: " + hash + ", tenant: t, scopes: [ingest]}\n"))
	f.Add([]byte("keys:\n- {id: a, sha256: " + hash + ", tenant: t, scopes: [ingest]}\n- {id: a, sha256: " + hash + ", tenant: u, scopes: [x]}\n"))
	f.Add([]byte("keys: 3\nother: [" + hash + "]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := parse(text)
		if err != nil {
			if err.Error() == "" || strings.Contains(err.Error(), hash) {
				t.Errorf("error %q", err)
			}
			if !place.MatchString(err.Error()) {
				t.Errorf("names no place: %q", err)
			}
			return
		}
		seen := map[[32]byte]bool{}
		for _, k := range a.keys {
			if seen[k.hash] || k.caller.Tenant == "" || k.caller.KeyID == "" || !k.caller.May(ScopeIngest) && !k.caller.May(ScopeRead) {
				t.Errorf("accepted %+v", k.caller)
			}
			seen[k.hash] = true
		}
	})
}
