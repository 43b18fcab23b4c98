package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Scope is what a key may do.
type Scope string

// The scopes of a key.
const (
	ScopeIngest Scope = "ingest" // publish and validate events
	ScopeRead   Scope = "read"   // read figures
)

// DefaultTenant is whose events they are where no keys are configured.
const DefaultTenant = "default"

// Caller is who sent a request.
type Caller struct {
	Tenant string
	// KeyID names the key in logs; it is no secret. Empty: a local caller without a key.
	KeyID  string
	scopes []Scope
}

// May tells whether the caller has scope s.
func (c Caller) May(s Scope) bool { return slices.Contains(c.scopes, s) }

// The two ways of being turned away. Neither says which part of a credential was wrong, so that answers teach nothing.
var (
	// ErrUnauthorized: there is no key, or it is not one of ours (401).
	ErrUnauthorized = errors.New("a valid API key is required")
	// ErrForbidden: the caller is known, or local callers alone are let in, and this one may not do that (403).
	ErrForbidden = errors.New("not allowed")
)

// Authenticator decides who calls. It is safe for concurrent use.
type Authenticator struct {
	keys []key // empty: loopback callers alone
}

type key struct {
	hash   [sha256.Size]byte
	caller Caller
}

// Open returns the authenticator of a keys file; without a path it lets in callers on this machine alone, as tenant
// DefaultTenant with every scope.
func Open(path string) (*Authenticator, error) {
	if path == "" {
		return &Authenticator{}, nil
	}
	return load(path)
}

// Authenticate says who sent r and that the caller has all of scopes, or ErrUnauthorized or ErrForbidden.
func (a *Authenticator) Authenticate(r *http.Request, scopes ...Scope) (Caller, error) {
	caller, err := a.identify(r)
	if err != nil {
		return Caller{}, err
	}
	for _, s := range scopes {
		if !caller.May(s) {
			return Caller{}, ErrForbidden
		}
	}
	return caller, nil
}

func (a *Authenticator) identify(r *http.Request) (Caller, error) {
	if len(a.keys) == 0 {
		if !local(r) {
			return Caller{}, ErrForbidden
		}
		return Caller{Tenant: DefaultTenant, scopes: []Scope{ScopeIngest, ScopeRead}}, nil
	}
	secret := presented(r)
	if secret == "" {
		return Caller{}, ErrUnauthorized
	}
	// Every key is compared in full, found or not, so that the time taken tells nothing about the keys there are.
	hash := sha256.Sum256([]byte(secret))
	found := -1
	for i := range a.keys {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(hash[:], a.keys[i].hash[:]), i, found)
	}
	if found < 0 {
		return Caller{}, ErrUnauthorized
	}
	return a.keys[found].caller, nil
}

// Hash is what a keys file holds in place of key: its SHA-256 in hexadecimal. Keys are long and random, so no salt or slow
// hash is needed to keep them from being guessed.
func Hash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// presented is the key that a request carries; empty for none.
func presented(r *http.Request) string {
	scheme, secret, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(secret)
	}
	return r.Header.Get("X-API-Key")
}

// local tells whether a request comes from this machine and was meant for it. One that a proxy passed on is not local
// though its peer is; one with a foreign Host is a web page whose name was pointed at this address (DNS rebinding).
func local(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback() && localHost(r.Host)
}

func localHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "" || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.Unmap().IsLoopback()
}
