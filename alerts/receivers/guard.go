package receivers

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// reserved are ranges of addresses that belong to no public host, beyond those that netip names.
func reserved() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),       // this network
		netip.MustParsePrefix("100.64.0.0/10"),   // carrier-grade NAT
		netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
		netip.MustParsePrefix("192.0.2.0/24"),    // documentation
		netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays
		netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
		netip.MustParsePrefix("198.51.100.0/24"), // documentation
		netip.MustParsePrefix("203.0.113.0/24"),  // documentation
		netip.MustParsePrefix("240.0.0.0/4"),     // reserved, broadcast
		netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo
		netip.MustParsePrefix("2001:db8::/32"),   // documentation
		netip.MustParsePrefix("2002::/16"),       // 6to4, which carries an IPv4 address
		netip.MustParsePrefix("3fff::/20"),       // documentation
	}
}

// Public says whether addr belongs to a host of the public internet: not loopback, private, unique local, link-local (where clouds keep their
// metadata), carrier-grade NAT, multicast or reserved, neither by itself nor as an IPv4 address in an IPv6 one.
func Public(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() || !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	// IPv6 has given out nothing but this; what is outside, translation to IPv4 too, is no public host.
	if addr.Is6() && !netip.MustParsePrefix("2000::/3").Contains(addr) {
		return false
	}
	for _, p := range reserved() {
		if p.Contains(addr) {
			return false
		}
	}
	return true
}

// refusePrivate is the control of a dialer: it sees the address after the name was resolved, at each attempt, so that no name can be made to lead
// elsewhere between a check and the use.
func refusePrivate(network, address string, _ syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("%s is no network that receivers are reached by", network)
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("receiver at %q: %w", address, err)
	}
	if !Public(ap.Addr()) {
		return &PrivateError{Addr: ap.Addr()}
	}
	return nil
}

// PrivateError is why a receiver is not reached: its address is not a public one, and it is not the operator who named it.
type PrivateError struct{ Addr netip.Addr }

// Error implements error.
func (e *PrivateError) Error() string {
	return fmt.Sprintf("receiver at %s: not a public address; only settings may name one that is not", e.Addr)
}

// dialer reaches what the operator named anywhere, and anything else at public addresses only.
func dialer(trusted bool) *net.Dialer {
	d := &net.Dialer{Timeout: dialTimeout}
	if !trusted {
		d.Control = refusePrivate
	}
	return d
}
