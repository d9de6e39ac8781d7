package ledger

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/text"
)

// The lengths of the hashed parts of ids, in base32 characters of five bits: a customer's key tells
// all customers apart, a lot's key those of one wallet, an entry's hash those of one customer, one
// millisecond and one ordinal.
const (
	customerKeyLength = 20
	lotKeyLength      = 10
	entryHashLength   = 12
)

const lotPrefix = "lot_"

// customerCharacters are what a customer id is made of. None of them ends a part of a path, whoever
// decodes it, and however often: "/", "?", "#" and "%" would. Keys hold a hash of the id, so its
// length is bounded for the rows' sake alone. A regular expression with a counted repeat would cost
// each function a millisecond of its start.
const (
	customerCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@|+=$-"
	maxCustomer        = 200
)

// alphabet is RFC 4648's base32 in lower case.
const alphabet = "abcdefghijklmnopqrstuvwxyz234567"

var lowerBase32 = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// Base32 returns the bytes in the characters of ids.
func Base32(bytes []byte) string { return lowerBase32.EncodeToString(bytes) }

// IsBase32 reports whether s has no characters but those of ids.
func IsBase32(s string) bool { return strings.Trim(s, alphabet) == "" }

// ParseCustomer returns s as a customer id, or a KindInvalid error naming the field customer. Dots
// alone are refused: a path cannot hold "." and "..".
// Why: infra/decisions/0021.
func ParseCustomer(s string) (CustomerID, error) {
	if len(s) > maxCustomer || strings.Trim(s, customerCharacters) != "" || strings.Trim(s, ".") == "" {
		return "", fault.Invalid("customer", "must be 1 to %d of letters, digits and . _ : @ | + = $ -, and not dots alone", maxCustomer)
	}
	return CustomerID(s), nil
}

// Key returns the customer's partition: 20 characters of a hash, so that ids may carry it without
// showing the customer.
func (c CustomerID) Key() string {
	sum := sha256.Sum256([]byte("customer:" + string(c)))
	return Base32(sum[:])[:customerKeyLength]
}

// NewLotID returns the lot id that derives from parts: the same parts, the same id.
func NewLotID(parts ...string) LotID { return LotID(HashID(lotPrefix, lotKeyLength, parts...)) }

// Key returns the ten characters after the prefix.
func (id LotID) Key() string { return strings.TrimPrefix(string(id), lotPrefix) }

// HashID returns prefix and n characters of lower-case base32 of a hash over prefix and parts. Each
// part goes in with its length: ("ab", "c") and ("a", "bc") give different ids. n > 52 is a
// caller's bug and panics.
func HashID(prefix string, n int, parts ...string) string {
	// The prefix is part of the hash, so ids of two kinds never share their characters.
	hash := sha256.New()
	writePart(hash, prefix)
	for _, part := range parts {
		writePart(hash, part)
	}
	return prefix + Base32(hash.Sum(nil))[:n]
}

func writePart(hash interface{ Write([]byte) (int, error) }, part string) {
	_, _ = hash.Write([]byte(strconv.Itoa(len(part)) + ":" + part)) // a hash never fails to write
}

// entryID derives from what caused the entry, so that a commit tried again at the same instant
// writes the same key. Instant and ordinal come first, in fixed width: keys sort by them.
func entryID(e Entry, ordinal int) string {
	c := e.Cause
	hash := HashID("", entryHashLength, string(e.Customer), string(e.Movement), string(e.Lot), strconv.FormatInt(int64(e.Credits), 10),
		c.Reason, c.Generation, c.Payment, c.Case, c.Event, c.Actor, c.Note, strconv.Itoa(ordinal))
	return fmt.Sprintf("%013d-%03d-%s", e.At.UnixMilli(), ordinal, hash)
}

// instant returns t as the ledger keeps it: UTC, whole milliseconds.
func instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return text.Millisecond(t)
}
