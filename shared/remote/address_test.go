package remote

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestOnlyAddressesOfTheInternetAreDialed(t *testing.T) {
	for text, want := range map[string]bool{
		"93.184.216.34": true, "1.1.1.1": true, "2606:2800:220:1::1": true, "::ffff:93.184.216.34": true, "172.32.0.1": true, "100.128.0.1": true,
		"0.0.0.0": false, "0.1.2.3": false, "10.1.2.3": false, "100.64.0.1": false, "100.100.100.200": false, "127.0.0.1": false, "127.1.2.3": false,
		"169.254.169.254": false, "169.254.170.2": false, "172.16.0.1": false, "172.31.255.255": false, "192.0.0.192": false, "192.0.2.1": false,
		"192.88.99.1": false, "192.168.0.1": false, "198.18.0.1": false, "198.51.100.1": false, "203.0.113.1": false, "224.0.0.1": false,
		"239.255.255.250": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "::7f00:1": false, "::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "::ffff:0:127.0.0.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::1": false, "100::1": false, "2001::1": false, "2001:db8::1": false,
		"2002:7f00:1::": false, "2002:a9fe:a9fe::": false, "3fff::1": false, "4000::1": false, "fc00::1": false, "fd00:ec2::254": false,
		"fe80::1": false, "fe80::1%eth0": false, "2606:2800:220:1::1%eth0": false, "fec0::1": false, "ff02::1": false,
	} {
		assert.Equal(t, want, isPublic(netip.MustParseAddr(text)), text)
	}
	assert.False(t, isPublic(netip.Addr{}))
}

// What the standard library knows of an address agrees with the list, whatever the address.
func TestNoAddressThatTheLibraryKnowsAsSpecialIsPublic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{4, 16}).Draw(t, "bytes")
		a, _ := netip.AddrFromSlice(rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "address"))
		for _, a := range []netip.Addr{a, netip.AddrFrom16(a.As16())} {
			special := a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || a.Zone() != "" || !a.IsGlobalUnicast()
			if special && isPublic(a) {
				t.Fatalf("%s is dialed", a)
			}
			if isPublic(a) != isPublic(a.Unmap()) {
				t.Fatalf("%s is judged by how it is written", a)
			}
		}
	})
}
