package receivers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	dialTimeout = 5 * time.Second
	// answerBytes of a refusal are read: enough for what is wrong, whatever the receiver sends.
	answerBytes = 2 << 10
	idleTimeout = 90 * time.Second
)

// Address is where a receiver is and who named it.
type Address struct {
	// URL is http or https.
	URL string
	// Trusted addresses come from the operator's settings and may be private; any other must be public.
	Trusted bool
}

// CheckURL says what is wrong with the address of a receiver.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		// The library's error quotes the address, which may hold a secret.
		return errors.New("is no URL")
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("want http://host/… or https://host/…")
	}
	if u.Fragment != "" {
		return errors.New("a receiver's address has no #fragment")
	}
	return nil
}

// client posts to one address.
type client struct {
	url  string
	http *http.Client
}

func newClient(a Address) (*client, error) {
	if err := CheckURL(a.URL); err != nil {
		return nil, err
	}
	transport := &http.Transport{
		DialContext: dialer(a.Trusted).DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: dialTimeout,
		MaxConnsPerHost: maxSends, MaxIdleConnsPerHost: maxSends, IdleConnTimeout: idleTimeout, MaxResponseHeaderBytes: 64 << 10,
	}
	if a.Trusted {
		// A proxy would be asked to reach what the dialer cannot see.
		transport.Proxy = http.ProxyFromEnvironment
	}
	return &client{url: a.URL, http: &http.Client{
		Transport: transport,
		// A redirect of a POST is a setting gone wrong at best, and a way into the network behind us at worst.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// post returns nil for 2xx. What the receiver says it will never take is permanent: any other answer but 408, 429 and 5xx.
func (c *client) post(ctx context.Context, header http.Header, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return backoff.Permanent(errors.New("the address is no URL"))
	}
	req.Header = header.Clone()
	req.Header.Set("User-Agent", "rapport")
	resp, err := c.http.Do(req)
	if err != nil {
		return unreachable(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, answerBytes)) // what arrived of it is enough for a message
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return nil
	}
	refusal := fmt.Errorf("answered %s: %s", resp.Status, strings.ToValidUTF8(strings.TrimSpace(string(answer)), "?"))
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return backoff.Permanent(fmt.Errorf("answered %s: redirects are not followed; set the address that it leads to", resp.Status))
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable:
		if after, ok := retryAfter(resp.Header); ok {
			return errors.Join(refusal, after)
		}
		return refusal
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusRequestTimeout:
		return refusal
	}
	return backoff.Permanent(refusal)
}

// retryAfter reads Retry-After in seconds, at most a quarter of an hour: no receiver may put off its own alerts for longer.
func retryAfter(h http.Header) (*backoff.RetryAfterError, bool) {
	seconds, err := strconv.ParseUint(strings.TrimSpace(h.Get("Retry-After")), 10, 31)
	if err != nil || seconds == 0 {
		return nil, false
	}
	return &backoff.RetryAfterError{Duration: min(time.Duration(seconds)*time.Second, maxRetryAfter)}, true
}

// unreachable leaves the address out of the error, since it may hold a secret.
func unreachable(err error) error {
	var private *PrivateError
	if errors.As(err, &private) {
		return backoff.Permanent(private)
	}
	var about *url.Error
	if errors.As(err, &about) {
		return fmt.Errorf("%s: %w", strings.ToLower(about.Op), about.Err)
	}
	return err
}

// close gives back idle connections.
func (c *client) close() { c.http.CloseIdleConnections() }
