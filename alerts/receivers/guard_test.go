package receivers

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.215.14": true, "8.8.8.8": true, "172.32.0.1": true, "100.128.0.1": true, "2606:2800:21f:cb07::1": true, "::ffff:93.184.215.14": true,
		"127.0.0.1": false, "127.255.0.9": false, "0.0.0.0": false, "0.1.2.3": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false,
		"192.168.1.1": false, "169.254.169.254": false, "169.254.0.1": false, "100.64.0.1": false, "100.127.255.255": false, "192.0.0.192": false,
		"192.0.2.1": false, "198.18.0.1": false, "198.51.100.7": false, "203.0.113.9": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::1": false, "::": false, "fc00::1": false, "fd00:ec2::254": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false, "::ffff:100.64.0.1": false, "::127.0.0.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b:1::a00:1": false, "2002:7f00:1::": false, "2001:0:7f00:1::": false, "2001:db8::1": false, "3fff::1": false, "100::1": false,
		"4000::1": false,
	} {
		if got := Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s public: %t", address, got)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

// TestUntrustedAddressesMustBePublic: whatever the name or the way it is written, what is dialled decides.
func TestUntrustedAddressesMustBePublic(t *testing.T) {
	reached := false
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer s.Close()
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"} {
		w, err := NewWebhook(WebhookOptions{Address: Address{URL: "http://" + host + ":" + port + "/hook"}})
		if err != nil {
			t.Fatal(err)
		}
		err = w.Send(t.Context(), drop(Firing))
		var private *PrivateError
		if !errors.As(err, &private) || !isPermanent(err) {
			t.Errorf("%s: %v", host, err)
		}
		w.Close()
	}
	if reached {
		t.Error("a private address was reached")
	}
	// The same address is reached when the operator names it.
	w, err := NewWebhook(WebhookOptions{Address: Address{URL: s.URL, Trusted: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Send(t.Context(), drop(Firing)); err != nil || !reached {
		t.Errorf("trusted: %v", err)
	}
}

// TestUntrustedAddressesUseNoProxy: a proxy would reach what the dialer cannot see.
func TestUntrustedAddressesUseNoProxy(t *testing.T) {
	for trusted, want := range map[bool]bool{true: true, false: false} {
		c, err := newClient(Address{URL: "http://hook.example/", Trusted: trusted})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.http.Transport.(*http.Transport).Proxy != nil; got != want {
			t.Errorf("trusted %t: proxy %t", trusted, got)
		}
	}
}

func TestRefusePrivate(t *testing.T) {
	for _, c := range []struct{ network, address string }{
		{"tcp4", "169.254.169.254:80"}, {"tcp6", "[::ffff:10.0.0.1]:443"}, {"tcp6", "[fe80::1%lo]:80"}, {"tcp4", "nonsense"}, {"udp4", "8.8.8.8:53"}, {"unix", "/run/x"},
	} {
		if err := refusePrivate(c.network, c.address, nil); err == nil {
			t.Errorf("%s %s is let through", c.network, c.address)
		}
	}
	if err := refusePrivate("tcp4", "93.184.215.14:443", nil); err != nil {
		t.Error(err)
	}
}

// TestRedirectsAreNotFollowed, neither to private addresses nor at all, whoever named the address.
func TestRedirectsAreNotFollowed(t *testing.T) {
	reached := false
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer inner.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{inner.URL, "http://169.254.169.254/latest/meta-data/", "/elsewhere"} {
			address, posts := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", to)
				w.WriteHeader(status)
			})
			for _, r := range everyHTTP(t, address) {
				err := r.Send(t.Context(), drop(Firing))
				if err == nil || !isPermanent(err) || !strings.Contains(err.Error(), "redirects are not followed") {
					t.Errorf("%s: %d to %s: %v", r.Name(), status, to, err)
				}
			}
			if len(posts) != 3 {
				t.Errorf("%d requests for 3 notifications", len(posts))
			}
		}
	}
	if reached {
		t.Error("a redirect was followed")
	}
}

// everyHTTP is each receiver that posts, at one trusted address.
func everyHTTP(t *testing.T, address string) []Receiver {
	t.Helper()
	all, err := Config{AlertmanagerURL: []string{address}, WebhookURL: address, SlackURL: address}.Receivers(nil)
	if err != nil || len(all) != 3 {
		t.Fatalf("%d receivers: %v", len(all), err)
	}
	for _, r := range all {
		t.Cleanup(r.(interface{ Close() }).Close)
	}
	return all
}

func TestAnswers(t *testing.T) {
	for status, want := range map[int]string{
		200: "taken", 201: "taken", 202: "taken", 204: "taken", 400: "never", 401: "never", 403: "never", 404: "never", 410: "never", 413: "never",
		408: "again", 429: "again", 500: "again", 502: "again", 503: "again", 504: "again",
	} {
		address, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			if status != 204 {
				_, _ = w.Write([]byte("because\xff"))
			}
		})
		for _, r := range everyHTTP(t, address) {
			err := r.Send(t.Context(), drop(Firing))
			got := "taken"
			switch {
			case err != nil && isPermanent(err):
				got = "never"
			case err != nil:
				got = "again"
			}
			if got != want {
				t.Errorf("%s: %d is %s, want %s: %v", r.Name(), status, got, want, err)
			}
			if err != nil && !strings.Contains(err.Error(), "because") {
				t.Errorf("%s: the reason is lost: %v", r.Name(), err)
			}
		}
	}
}

// TestNothingSecretInErrors: what could not be reached is logged and stored, so it names no path.
func TestNothingSecretInErrors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String() + "/services/T0/hush"
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, r := range everyHTTP(t, address) {
		err := r.Send(t.Context(), drop(Firing))
		if err == nil || isPermanent(err) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", r.Name(), err)
		}
	}
	if err := CheckURL("http://h/%zzhush"); err == nil || strings.Contains(err.Error(), "hush") {
		t.Error(err)
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	release := make(chan struct{})
	address, posts := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	for _, r := range everyHTTP(t, address) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-posts
			cancel()
		}()
		if err := r.Send(ctx, drop(Firing)); !errors.Is(err, context.Canceled) || isPermanent(err) {
			t.Errorf("%s: %v", r.Name(), err)
		}
	}
}
