package ledger

import "strings"

// An owned id is a prefix of four characters, the key of the customer it belongs to, and as many
// characters of its own. So what belongs to one customer is found by the id alone.
const ownedPrefixLength = 4

// IsOwnedID reports whether s has the form of an owned id with that prefix.
func IsOwnedID(prefix, s string) bool {
	return len(s) == ownedPrefixLength+2*customerKeyLength && strings.HasPrefix(s, prefix) &&
		IsBase32(s[ownedPrefixLength:])
}

// IsKey reports whether s has the form of a customer's key.
func IsKey(s string) bool { return len(s) == customerKeyLength && IsBase32(s) }

// NewOwnedID returns the owned id that derives from parts, for the customer of that key.
// Why: infra/decisions/0002.
func NewOwnedID(prefix, customerKey string, parts ...string) string {
	return prefix + customerKey + HashID("", customerKeyLength, parts...)
}

// OwnerKey returns the customer's key of an owned id; of anything else it panics: a caller's bug.
func OwnerKey(id string) string {
	return id[ownedPrefixLength : ownedPrefixLength+customerKeyLength]
}
