package front

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Loopback tells whether a host, a name or an address without port, is this machine's own loopback.
func Loopback(host string) bool {
	host = strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), ".")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// foreign says why a request comes from a web page that has no business here, or nothing. There is no login, so any page
// open in a browser of this machine could send queries: as a simple cross-site request, or under a name of its own that
// it lets resolve to the loopback address.
func foreign(r *http.Request, loopbackOnly bool) string {
	if loopbackOnly && r.Host != "" && !Loopback(hostOf(r.Host)) {
		return "Host " + r.Host + " is not an address of this listener"
	}
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		// A picture or a link of a page has no origin, but browsers tell where it comes from.
		if strings.EqualFold(r.Header.Get("Sec-Fetch-Site"), "cross-site") {
			return "Requests of other sites' pages are not allowed"
		}
		return ""
	}
	for _, origin := range origins {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || !strings.EqualFold(u.Host, r.Host) && !Loopback(u.Hostname()) {
			return "Requests of pages of " + origin + " are not allowed"
		}
	}
	return ""
}

// hostOf cuts the port off.
func hostOf(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return hostport
}
