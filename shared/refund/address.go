package refund

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// AddressMark is an e-mail address as staff's search knows it: which secret it was made with, a
// dot, and a hash under that secret. It tells nothing to who lacks the secret.
// Why: infra/decisions/0070.
type AddressMark string

// The lengths of a mark's two parts, in base32 characters of five bits: a few secrets are told
// apart, and all addresses.
const (
	addressKeyLength  = 8
	addressHashLength = 32
)

// MaxAddressSecrets is how many secrets a search asks at most: each is a read.
const MaxAddressSecrets = 4

// Addresses makes the marks by which claims are found by e-mail.
type Addresses struct {
	// Secrets returns the live secrets. The first makes the mark of a new claim; a search asks for
	// the marks of all. nil, or none: claims bear no mark, and no address finds one.
	Secrets func(ctx context.Context) ([]string, error)
}

// Mark returns the mark of a new claim's address, "" without a secret. KindBusy where the secrets
// cannot be read now.
func (a Addresses) Mark(ctx context.Context, address string) (AddressMark, error) {
	marks, err := a.Marks(ctx, address)
	if err != nil || len(marks) == 0 {
		return "", err
	}
	return marks[0], nil
}

// Marks returns every mark that a claim with this address may bear, at most MaxAddressSecrets.
// KindBusy where the secrets cannot be read now.
func (a Addresses) Marks(ctx context.Context, address string) ([]AddressMark, error) {
	if a.Secrets == nil {
		return nil, nil
	}
	secrets, err := a.Secrets(ctx)
	if err != nil {
		return nil, fault.At("refund.Marks: address secrets", "", err)
	}
	var marks []AddressMark
	for _, secret := range secrets[:min(len(secrets), MaxAddressSecrets)] {
		key, hash := keyed(secret, "key"), keyed(secret, "address", normalAddress(address))
		marks = append(marks, AddressMark(key[:addressKeyLength]+"."+hash[:addressHashLength]))
	}
	return marks, nil
}

// normalAddress returns the address as people mean it: who writes Ann@Example.com has the mailbox
// of ann@example.com at every provider that matters.
func normalAddress(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// keyed returns HMAC-SHA256 over the parts. The first says what for: no two uses of a secret give
// one hash.
func keyed(secret string, parts ...string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(strings.Join(parts, "\x00"))) // a hash never fails to write
	return ledger.Base32(mac.Sum(nil))
}

// Addressed is a case that an address finds.
type Addressed struct {
	// Case is its id.
	Case CaseID
	// Customer is whose case it is.
	Customer ledger.CustomerID
	// OpenedAt is when it was opened.
	OpenedAt time.Time
}

// AddressBook finds cases by the address that their customers gave.
type AddressBook interface {
	// FindAddressed returns at most limit of the cases that bear the mark, the newest first. A case
	// is found from the commit on that opens it, until its words are erased.
	FindAddressed(ctx context.Context, mark AddressMark, limit int) ([]Addressed, error)
}
