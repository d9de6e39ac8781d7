package remote

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"makegood/shared/evidence"
	"makegood/shared/fault"
)

// public is where addresses of the internet lie; of IPv6 all that was ever given out.
var public = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("2000::/3")}

// special are the parts of it that are no host of the internet (RFC 6890 and its registry), or that
// hold another address: 6to4, Teredo. What holds an IPv4 address elsewhere (NAT64, ::ffff:0:0/96,
// ::/96) lies outside 2000::/3.
var special = prefixes(
	"0.0.0.0/8",       // this network
	"10.0.0.0/8",      // private
	"100.64.0.0/10",   // carriers' (CGNAT)
	"127.0.0.0/8",     // loopback
	"169.254.0.0/16",  // link-local, and the clouds' metadata
	"172.16.0.0/12",   // private
	"192.0.0.0/24",    // protocols
	"192.0.2.0/24",    // documentation
	"192.31.196.0/24", // AS112
	"192.52.193.0/24", // AMT
	"192.88.99.0/24",  // 6to4 relays
	"192.168.0.0/16",  // private
	"192.175.48.0/24", // AS112
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"224.0.0.0/4",     // multicast
	"240.0.0.0/4",     // reserved, and broadcast
	"2001::/23",       // protocols: Teredo, ORCHID, benchmarks
	"2001:db8::/32",   // documentation
	"2002::/16",       // 6to4
	"2620:4f:8000::/48",
	"3fff::/20", // documentation
)

func prefixes(all ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(all))
	for n, text := range all {
		list[n] = netip.MustParsePrefix(text)
	}
	return list
}

// isPublic reports whether a host of the internet may have the address.
func isPublic(a netip.Addr) bool {
	a = a.Unmap() // ::ffff:10.0.0.1 is dialed as 10.0.0.1
	holds := func(p netip.Prefix) bool { return p.Contains(a) }
	return a.IsValid() && a.Zone() == "" && slices.ContainsFunc(public, holds) && !slices.ContainsFunc(special, holds)
}

// pin resolves the link's host, and returns the addresses that may be dialed. One that is not
// public among them refuses the host: whoever answers so may answer otherwise the next time.
func (s *Source) pin(ctx context.Context, target *url.URL) ([]netip.Addr, error) {
	// Only http reaches loopback, and targetOf lets it through for the local stack alone.
	if target.Scheme == "http" {
		return []netip.Addr{loopbackOf(target.Hostname())}, nil
	}
	var found []netip.Addr
	// What the name server says may pass is asked again; that there is no such name is final.
	err := fault.Repeat(ctx, attempts, s.edge.pause, func(ctx context.Context) (err error) {
		found, err = s.edge.resolve(ctx, target.Hostname())
		var dns *net.DNSError
		if err != nil && (!errors.As(err, &dns) || !dns.IsNotFound) {
			return fault.Busy(err)
		}
		return err
	})
	switch {
	case err != nil && fault.KindOf(err) == fault.KindBusy:
		return nil, err
	case err != nil, len(found) == 0:
		return nil, problemError{evidence.ProblemUnresolved}
	}
	pin := make([]netip.Addr, len(found))
	for n, address := range found {
		if !isPublic(address) {
			return nil, problemError{evidence.ProblemPrivate}
		}
		pin[n] = address.Unmap()
	}
	// A function has no way out by IPv6 of its own, so it comes last.
	slices.SortStableFunc(pin, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
	return pin[:min(len(pin), maxAddresses)], nil
}

// loopbackOf returns the loopback address that a host of the local stack's links has.
func loopbackOf(host string) netip.Addr {
	if host == "localhost" {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	address, _ := netip.ParseAddr(host) // targetOf has read it
	return address.Unmap()
}

// isLoopback reports whether a host is localhost, or is written as a loopback address.
func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Zone() == "" && address.Unmap().IsLoopback()
}
