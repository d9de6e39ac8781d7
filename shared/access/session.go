package access

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/locale"
)

// SessionLife is how long a session lasts; it cannot be taken back before.
const SessionLife = time.Hour

// The names a session token carries, so that a token signed with the same secret for another
// purpose is refused.
const (
	sessionIssuer   = "makegood"
	sessionAudience = "makegood/v1"
	sessionPrefix   = "eyJ" // every JWT begins with the base64url of `{"`
	maxSession      = 4096  // bytes; ours have about 300
)

// Sessions makes and checks customers' tokens: JWT, HS256.
type Sessions struct {
	// Secrets holds the secrets. The first signs, every one verifies. A new one is put behind the
	// old one until every function has read it, then first; an hour later the old one is removed.
	// See FitSecret for how long a secret is.
	Secrets Secrets
}

// Session is the content of a token.
type Session struct {
	// Customer is whose token it is.
	Customer ledger.CustomerID
	// Locale is the language that they read, "" where nobody knows it.
	Locale string
}

// claims are a token's content as JWT has it.
type claims struct {
	jwt.RegisteredClaims
	Locale string `json:"locale,omitempty"`
}

// Open returns a token for the session, and when it expires (whole seconds).
//
// Errors: KindBusy (the secrets cannot be read), KindInternal (there are none).
func (s Sessions) Open(ctx context.Context, session Session, now time.Time) (string, time.Time, error) {
	secrets, err := read(ctx, s.Secrets)
	if err != nil {
		return "", time.Time{}, fault.At("access.Open: secrets", "", err)
	}
	if len(secrets) == 0 {
		return "", time.Time{}, errors.New("access: no secret signs sessions")
	}
	// JWT counts in whole seconds. The answer says when the token ends, so both use the same
	// instant.
	issue := now.UTC().Truncate(time.Second)
	expiry := issue.Add(SessionLife)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{jwt.RegisteredClaims{
		Issuer:    sessionIssuer,
		Audience:  jwt.ClaimStrings{sessionAudience},
		Subject:   string(session.Customer),
		IssuedAt:  jwt.NewNumericDate(issue),
		ExpiresAt: jwt.NewNumericDate(expiry),
	}, session.Locale}).SignedString([]byte(secrets[0]))
	if err != nil {
		return "", time.Time{}, fault.At("access.Open: sign", session.Customer.Key(), err)
	}
	return token, expiry, nil
}

// Session returns the content of a token that is valid at now. A locale that is no language reads
// as "".
//
// Errors: KindUnauthenticated (no session of ours, or an expired one), KindBusy (the secrets cannot
// be read).
func (s Sessions) Session(ctx context.Context, token string, now time.Time) (Session, error) {
	secrets, err := read(ctx, s.Secrets)
	if err != nil {
		return Session{}, fault.At("access.Session: secrets", "", err)
	}
	// A token longer than ours is refused before anything parses it.
	if len(secrets) == 0 || len(token) > maxSession {
		return Session{}, unauthenticated()
	}
	var keys jwt.VerificationKeySet
	for _, secret := range secrets {
		keys.Keys = append(keys.Keys, []byte(secret))
	}
	// One algorithm, one issuer, one audience: a token that names its own algorithm is an old
	// attack.
	var content claims
	_, err = jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(sessionIssuer),
		jwt.WithAudience(sessionAudience),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }),
	).ParseWithClaims(token, &content, func(*jwt.Token) (any, error) { return keys, nil })
	if err != nil {
		return Session{}, unauthenticated()
	}
	customer, err := ledger.ParseCustomer(content.Subject)
	if err != nil {
		return Session{}, unauthenticated()
	}
	return Session{Customer: customer, Locale: locale.Known(content.Locale)}, nil
}

// isSession tells a token from a key by its form alone: a key must not begin with "eyJ" and have
// two dots.
func isSession(token string) bool {
	return strings.HasPrefix(token, sessionPrefix) && strings.Count(token, ".") == 2
}
