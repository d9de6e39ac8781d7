package access

import (
	"context"
	"time"

	"makegood/shared/fault"
)

// AttemptLife is how long somebody may take to prove at the identity provider who they are.
const AttemptLife = 10 * time.Minute

var attemptToken = tokenKind{audience: "makegood/sign-in", life: AttemptLife}

// Attempt is a sign-in that has begun: what its end is held against. The browser that began it
// keeps it, so that no other can end it.
type Attempt struct {
	// State, Nonce and Verifier are random: what the provider must send back, what it must put
	// into its token, and what proves that we are who asked (RFC 7636).
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	// To is the path to go to in the end.
	To string `json:"to"`
}

// Attempts makes and checks the tokens of sign-ins that have begun, by the secrets of sessions.
type Attempts struct {
	// Secrets holds the secrets, as in Sessions.
	Secrets Secrets
}

// Open returns a token for the attempt.
//
// Errors: KindBusy (the secrets cannot be read), KindInternal (there are none).
func (a Attempts) Open(ctx context.Context, attempt Attempt, now time.Time) (string, error) {
	token, _, err := attemptToken.sign(ctx, a.Secrets, claims{Attempt: &attempt}, now)
	return token, fault.At("access.OpenAttempt", "", err)
}

// Attempt returns the content of a token that is valid at now.
//
// Errors: KindUnauthenticated (no attempt of ours, or an expired one), KindBusy (the secrets cannot
// be read).
func (a Attempts) Attempt(ctx context.Context, token string, now time.Time) (Attempt, error) {
	content, err := attemptToken.verify(ctx, a.Secrets, token, now)
	if err != nil {
		return Attempt{}, fault.At("access.Attempt", "", err)
	}
	if content.Attempt == nil {
		return Attempt{}, unauthenticated()
	}
	return *content.Attempt, nil
}
