package app

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// probeReadyTimeout is longer than a round of checks may take, so that a process that is not ready can say why.
const probeReadyTimeout = 5 * time.Second

// ProbeReady asks the process at RAPPORT_HTTP_ADDR whether it is ready: nil, or why not, which is also that nothing answers.
func ProbeReady(ctx context.Context, c Config) error {
	addr, err := reachable(c.HTTPAddr)
	if err != nil {
		return fmt.Errorf("RAPPORT_HTTP_ADDR: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, probeReadyTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("RAPPORT_HTTP_ADDR: %w", err)
	}
	// Not the default client: a proxy of the environment must not stand between a container and itself.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
		return fmt.Errorf("%s: %s", resp.Status, strings.TrimSpace(string(body)))
	}
	return nil
}

// reachable is where a process that listens at addr can be called on its own machine: one that listens at every address
// listens at the loopback one.
func reachable(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	switch host {
	case "", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	return net.JoinHostPort(host, port), nil
}
