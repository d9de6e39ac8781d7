package access

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"makegood/shared/fault"
)

const (
	tokenIssuer = "makegood"
	tokenPrefix = "eyJ" // every JWT begins with the base64url of `{"`
	maxToken    = 4096  // bytes; ours have about 300
)

// tokenKind is what a token is good for. Its audience is in the token, so that a token signed with
// the same secret for another purpose is refused.
type tokenKind struct {
	audience string
	life     time.Duration
}

// claims are a token's content as JWT has it.
type claims struct {
	jwt.RegisteredClaims
	Locale string      `json:"locale,omitempty"`
	Roles  []StaffRole `json:"roles,omitempty"`

	Attempt *Attempt `json:"attempt,omitempty"`
}

// sign returns a token with the content, and when it expires (whole seconds). Of the registered
// claims it takes the subject alone.
//
// Errors: KindBusy (the secrets cannot be read), KindInternal (there are none).
func (k tokenKind) sign(ctx context.Context, secrets Secrets, content claims, now time.Time) (string, time.Time, error) {
	live, err := read(ctx, secrets)
	if err != nil {
		return "", time.Time{}, err
	}
	if len(live) == 0 {
		return "", time.Time{}, errors.New("access: no secret signs sessions")
	}
	// JWT counts in whole seconds. The answer says when the token ends, so both use the same
	// instant.
	issue := now.UTC().Truncate(time.Second)
	expiry := issue.Add(k.life)
	content.Issuer, content.Audience = tokenIssuer, jwt.ClaimStrings{k.audience}
	content.IssuedAt, content.ExpiresAt = jwt.NewNumericDate(issue), jwt.NewNumericDate(expiry)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, content).SignedString([]byte(live[0]))
	return token, expiry, err
}

// verify returns the content of a token of this kind that is valid at now.
//
// Errors: KindUnauthenticated (none of ours, or an expired one), KindBusy (the secrets cannot be
// read).
func (k tokenKind) verify(ctx context.Context, secrets Secrets, token string, now time.Time) (claims, error) {
	live, err := read(ctx, secrets)
	if err != nil {
		return claims{}, err
	}
	// A token longer than ours is refused before anything parses it.
	if len(live) == 0 || len(token) > maxToken {
		return claims{}, unauthenticated()
	}
	var keys jwt.VerificationKeySet
	for _, secret := range live {
		keys.Keys = append(keys.Keys, []byte(secret))
	}
	// One algorithm, one issuer, one audience: a token that names its own algorithm is an old
	// attack.
	var content claims
	_, err = jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(tokenIssuer),
		jwt.WithAudience(k.audience),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }),
	).ParseWithClaims(token, &content, func(*jwt.Token) (any, error) { return keys, nil })
	if err != nil {
		return claims{}, unauthenticated()
	}
	return content, nil
}

// isToken tells a token from a key by its form alone: a key must not begin with "eyJ" and have two
// dots.
func isToken(credential string) bool {
	return strings.HasPrefix(credential, tokenPrefix) && strings.Count(credential, ".") == 2
}

func unauthenticated() error {
	return fault.Errorf(fault.KindUnauthenticated, fault.CodeUnauthenticated, "a valid key or session is needed")
}
