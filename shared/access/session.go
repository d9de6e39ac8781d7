package access

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"makegood/shared/ledger"
	"makegood/shared/locale"
)

// SessionLife is how long a session lasts; it cannot be taken back before.
const SessionLife = time.Hour

// The names a session token carries, so that a token signed with the same secret for another purpose is none of ours.
const (
	sessionIssuer   = "makegood"
	sessionAudience = "makegood/v1"
	sessionPrefix   = "eyJ" // every JWT begins with the base64url of `{"`
	maxSession      = 4096  // bytes; ours have about 300
)

// Sessions makes and checks customers' tokens: JWT, HS256. The first secret signs, every one verifies, so that a new one is put
// first and the old one removed an hour later. See FitSecret for how long a secret is.
type Sessions struct {
	Secrets Secrets
}

// Session is what a token says: whose it is, and the language that they read, "" for one that is not known.
type Session struct {
	Customer ledger.CustomerID
	Locale   string
}

// claims are a token's.
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
		return "", time.Time{}, err
	}
	if len(secrets) == 0 {
		return "", time.Time{}, errors.New("access: no secret signs sessions")
	}
	opened := now.UTC().Truncate(time.Second)
	expires := opened.Add(SessionLife)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{jwt.RegisteredClaims{
		Issuer:    sessionIssuer,
		Audience:  jwt.ClaimStrings{sessionAudience},
		Subject:   string(session.Customer),
		IssuedAt:  jwt.NewNumericDate(opened),
		ExpiresAt: jwt.NewNumericDate(expires),
	}, session.Locale}).SignedString([]byte(secrets[0]))
	return token, expires, err
}

// Session returns what the token says at now. A locale that is none is not known.
//
// Errors: KindUnauthenticated (no session of ours, or an expired one), KindBusy (the secrets cannot be read).
func (s Sessions) Session(ctx context.Context, token string, now time.Time) (Session, error) {
	secrets, err := read(ctx, s.Secrets)
	if err != nil {
		return Session{}, err
	}
	if len(secrets) == 0 || len(token) > maxSession {
		return Session{}, unauthenticated()
	}
	var keys jwt.VerificationKeySet
	for _, secret := range secrets {
		keys.Keys = append(keys.Keys, []byte(secret))
	}
	var said claims
	_, err = jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(sessionIssuer),
		jwt.WithAudience(sessionAudience),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }),
	).ParseWithClaims(token, &said, func(*jwt.Token) (any, error) { return keys, nil })
	if err != nil {
		return Session{}, unauthenticated()
	}
	customer, err := ledger.ParseCustomer(said.Subject)
	if err != nil {
		return Session{}, unauthenticated()
	}
	return Session{Customer: customer, Locale: locale.Known(said.Locale)}, nil
}

// isSession tells a token from a key by its form alone: a key must not begin with "eyJ" and have two dots.
func isSession(token string) bool {
	return strings.HasPrefix(token, sessionPrefix) && strings.Count(token, ".") == 2
}
