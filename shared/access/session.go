package access

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"makegood/shared/ledger"
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

// Open returns a token for customer, and when it expires (whole seconds).
//
// Errors: KindBusy (the secrets cannot be read), KindInternal (there are none).
func (s Sessions) Open(ctx context.Context, customer ledger.CustomerID, now time.Time) (string, time.Time, error) {
	secrets, err := read(ctx, s.Secrets)
	if err != nil {
		return "", time.Time{}, err
	}
	if len(secrets) == 0 {
		return "", time.Time{}, errors.New("access: no secret signs sessions")
	}
	opened := now.UTC().Truncate(time.Second)
	expires := opened.Add(SessionLife)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Issuer:    sessionIssuer,
		Audience:  jwt.ClaimStrings{sessionAudience},
		Subject:   string(customer),
		IssuedAt:  jwt.NewNumericDate(opened),
		ExpiresAt: jwt.NewNumericDate(expires),
	}).SignedString([]byte(secrets[0]))
	return token, expires, err
}

// Customer returns whose session the token is at now.
//
// Errors: KindUnauthenticated (no session of ours, or an expired one), KindBusy (the secrets cannot be read).
func (s Sessions) Customer(ctx context.Context, token string, now time.Time) (ledger.CustomerID, error) {
	secrets, err := read(ctx, s.Secrets)
	if err != nil {
		return "", err
	}
	if len(secrets) == 0 || len(token) > maxSession {
		return "", unauthenticated()
	}
	var keys jwt.VerificationKeySet
	for _, secret := range secrets {
		keys.Keys = append(keys.Keys, []byte(secret))
	}
	var claims jwt.RegisteredClaims
	_, err = jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(sessionIssuer),
		jwt.WithAudience(sessionAudience),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }),
	).ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return keys, nil })
	if err != nil {
		return "", unauthenticated()
	}
	customer, err := ledger.ParseCustomer(claims.Subject)
	if err != nil {
		return "", unauthenticated()
	}
	return customer, nil
}

// isSession tells a token from a key by its form alone: a key must not begin with "eyJ" and have two dots.
func isSession(token string) bool {
	return strings.HasPrefix(token, sessionPrefix) && strings.Count(token, ".") == 2
}
