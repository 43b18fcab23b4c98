package auth

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func keysFileAt(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func request(remote string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/v1/events", nil)
	r.RemoteAddr, r.Host = remote, "rapport.example"
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func TestKeys(t *testing.T) {
	a, err := Open(keysFileAt(t, `
keys:
  - {id: acme-1, sha256: `+Hash("old")+`, tenant: acme, scopes: [ingest]}
  - {id: acme-2, sha256: `+strings.ToUpper(Hash("new"))+`, tenant: acme, scopes: [ingest, read]}
  - {id: globex-1, sha256: `+Hash("other")+`, tenant: globex, scopes: [read]}
`))
	if err != nil {
		t.Fatal(err)
	}
	const remote = "203.0.113.7:1"
	tests := []struct {
		name    string
		headers []string
		scopes  []Scope
		tenant  string
		err     error
	}{
		{"bearer", []string{"Authorization", "Bearer old"}, []Scope{ScopeIngest}, "acme", nil},
		{"scheme in any case", []string{"Authorization", "bearer old"}, []Scope{ScopeIngest}, "acme", nil},
		{"second live key", []string{"X-API-Key", "new"}, []Scope{ScopeIngest, ScopeRead}, "acme", nil},
		{"other tenant", []string{"X-API-Key", "other"}, []Scope{ScopeRead}, "globex", nil},
		{"any scope", []string{"X-API-Key", "other"}, nil, "globex", nil},
		{"missing scope", []string{"X-API-Key", "old"}, []Scope{ScopeRead}, "", ErrForbidden},
		{"one of two scopes", []string{"X-API-Key", "old"}, []Scope{ScopeIngest, ScopeRead}, "", ErrForbidden},
		{"no key", nil, nil, "", ErrUnauthorized},
		{"wrong key", []string{"X-API-Key", "nope"}, nil, "", ErrUnauthorized},
		{"the hash is not the key", []string{"X-API-Key", Hash("old")}, nil, "", ErrUnauthorized},
		{"empty bearer", []string{"Authorization", "Bearer "}, nil, "", ErrUnauthorized},
		{"another scheme", []string{"Authorization", "Basic b2xk"}, nil, "", ErrUnauthorized},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			caller, err := a.Authenticate(request(remote, tc.headers...), tc.scopes...)
			if !errors.Is(err, tc.err) || caller.Tenant != tc.tenant {
				t.Errorf("got tenant %q, error %v; want %q, %v", caller.Tenant, err, tc.tenant, tc.err)
			}
		})
	}
	if _, err := a.Authenticate(request("127.0.0.1:9", "Host", "localhost")); !errors.Is(err, ErrUnauthorized) {
		t.Errorf("with keys, loopback needs one too: got %v", err)
	}
}

func TestLoopbackAlone(t *testing.T) {
	a, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		request *http.Request
		ok      bool
	}{
		{"v4", request("127.0.0.1:5", "Host", "127.0.0.1:8080"), true},
		{"v4 by name", request("127.0.0.9:5", "Host", "LocalHost:8080"), true},
		{"v6", request("[::1]:5", "Host", "[::1]:8080"), true},
		{"v4 in v6", request("[::ffff:127.0.0.1]:5", "Host", "localhost"), true},
		{"another machine", request("203.0.113.7:5", "Host", "localhost"), false},
		{"private network", request("10.0.0.1:5", "Host", "localhost"), false},
		{"no address", request("@", "Host", "localhost"), false},
		{"foreign host", request("127.0.0.1:5", "Host", "evil.example:8080"), false},
		{"foreign host that looks local", request("127.0.0.1:5", "Host", "localhost.evil.example"), false},
		{"by a proxy", request("127.0.0.1:5", "Host", "localhost", "X-Forwarded-For", "203.0.113.7"), false},
		{"by a proxy, RFC 7239", request("127.0.0.1:5", "Host", "localhost", "Forwarded", "for=203.0.113.7"), false},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			caller, err := a.Authenticate(tc.request, ScopeIngest, ScopeRead)
			if tc.ok && (err != nil || caller.Tenant != DefaultTenant) {
				t.Errorf("got %q, %v; want tenant default", caller.Tenant, err)
			}
			if !tc.ok && !errors.Is(err, ErrForbidden) {
				t.Errorf("got %v; want ErrForbidden", err)
			}
		})
	}
}

func TestFileErrorsExplain(t *testing.T) {
	h := Hash("k")
	tests := []struct{ name, text, want string }{
		{"empty", ``, "holds no keys"},
		{"no list", `keys: []`, "holds no keys"},
		{"not YAML", "keys: [", "1:"},
		{"unknown field", `keys: [{id: a, secret: x}]`, `unknown field "secret"`},
		{"no id", `keys: [{sha256: ` + h + `, tenant: t, scopes: [read]}]`, "id is missing"},
		{"the key itself", `keys: [{id: a, sha256: hunter2, tenant: t, scopes: [read]}]`, "64 hexadecimal digits"},
		{"no tenant", `keys: [{id: a, sha256: ` + h + `, scopes: [read]}]`, "tenant must have 1 to 128"},
		{"long tenant", `keys: [{id: a, sha256: ` + h + `, tenant: ` + strings.Repeat("t", 129) + `, scopes: [read]}]`, "tenant must have 1 to 128"},
		{"no scopes", `keys: [{id: a, sha256: ` + h + `, tenant: t}]`, "scopes is empty"},
		{"unknown scope", `keys: [{id: a, sha256: ` + h + `, tenant: t, scopes: [admin]}]`, `unknown scope "admin"`},
		{"id twice", `keys: [{id: a, sha256: ` + h + `, tenant: t, scopes: [read]}, {id: a, sha256: ` + Hash("l") + `, tenant: t, scopes: [read]}]`, `id "a" is already used by keys[0]`},
		{"key twice", `keys: [{id: a, sha256: ` + h + `, tenant: t, scopes: [read]}, {id: b, sha256: ` + h + `, tenant: u, scopes: [read]}]`, `the same key as id "a"`},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Open(keysFileAt(t, tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v; want it to say %q", err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Error("the error shows a key")
			}
		})
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: got %v", err)
	}
}
