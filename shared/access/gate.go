package access

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"time"

	"makegood/shared/fault"
)

// Secrets returns the live secrets of one purpose, the first being the newest. No secrets and no
// error: none is configured. An error means that they cannot be read now.
type Secrets func(ctx context.Context) ([]string, error)

// Gate identifies callers by their Authorization header. A purpose without secrets lets nobody in.
type Gate struct {
	// AppKeys are those of the app's server.
	AppKeys Secrets
	// OperatorKeys are those of staff: entries name:key. One without a name lets nobody in.
	OperatorKeys Secrets
	// Sessions checks customers' tokens.
	Sessions Sessions
	// Pages are the origins whose pages may call; none: no page may.
	Pages PageOrigins
	// Counter counts customers' requests, nil where none come.
	Counter Counter
	// PerMinute is how many requests a customer's tokens may make in a minute; 0: any number.
	PerMinute int
	// Now is the clock by which sessions expire.
	Now func() time.Time
}

// Caller returns who the Authorization header names: "Bearer" and an API key or a session token.
//
// Errors: KindUnauthenticated (none, unknown, expired, malformed: the answer is the same for all),
// KindBusy (the secrets cannot be read).
func (g Gate) Caller(ctx context.Context, authorization string) (Caller, error) {
	token, ok := bearer(authorization)
	if !ok {
		return Caller{}, unauthenticated()
	}
	// The form decides which check it gets, so that a token costs no read of the keys.
	if isToken(token) {
		session, err := g.Sessions.Session(ctx, token, g.Now())
		if err != nil {
			return Caller{}, err
		}
		return Caller{Role: RoleCustomer, Customer: session.Customer, Locale: session.Locale, ID: session.Customer.Key()}, nil
	}
	return g.keyHolder(ctx, token)
}

// keyHolder compares with every live key, whichever matches. A key on both lists gives the lesser
// role.
func (g Gate) keyHolder(ctx context.Context, key string) (Caller, error) {
	app, err := read(ctx, g.AppKeys)
	if err != nil {
		return Caller{}, fault.At("access.Caller: app keys", "", err)
	}
	operator, err := read(ctx, g.OperatorKeys)
	if err != nil {
		return Caller{}, fault.At("access.Caller: operator keys", "", err)
	}

	// No loop ends early: the time that a check takes must not tell how far a key was right.
	sum := sha256.Sum256([]byte(key))
	isApp, isOperator, name := anyMatches(sum, app), false, ""
	for _, entry := range operator {
		owner, secret, ok := SplitOperatorKey(entry)
		if matches := anyMatches(sum, []string{secret}); ok && matches {
			isOperator, name = true, owner
		}
	}
	id := fingerprint(sum)
	switch {
	case isApp:
		return Caller{Role: RoleApp, ID: id}, nil
	case isOperator:
		return Caller{Role: RoleStaff, Name: name, StaffRoles: StaffRoles(), ID: id}, nil
	}
	return Caller{}, unauthenticated()
}

// fingerprint returns by what callers are told apart in logs: four bytes of the digest, which help
// nobody to guess a key.
func fingerprint(sum [sha256.Size]byte) string { return hex.EncodeToString(sum[:4]) }

// anyMatches compares digests in constant time: neither the length nor the place of a difference
// can be measured.
func anyMatches(sum [sha256.Size]byte, keys []string) bool {
	match := 0
	for _, key := range keys {
		want := sha256.Sum256([]byte(key))
		match |= subtle.ConstantTimeCompare(sum[:], want[:])
	}
	return match == 1
}

// read returns the secrets without blanks, which would match a caller who sends nothing. A Secrets
// that is nil has none. Whatever goes wrong is a passing fault: a caller whom we cannot check is
// neither let in nor refused for good.
func read(ctx context.Context, secrets Secrets) ([]string, error) {
	if secrets == nil {
		return nil, nil
	}
	all, err := secrets(ctx)
	if err != nil {
		return nil, fault.Busy(err)
	}
	live := make([]string, 0, len(all))
	for _, secret := range all {
		if secret = strings.TrimSpace(secret); secret != "" {
			live = append(live, secret)
		}
	}
	return live, nil
}

func bearer(authorization string) (string, bool) {
	scheme, token, ok := strings.Cut(strings.TrimSpace(authorization), " ")
	token = strings.TrimSpace(token)
	return token, ok && token != "" && strings.EqualFold(scheme, "Bearer")
}
