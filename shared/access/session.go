package access

import (
	"context"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/locale"
)

// SessionLife is how long a customer's session lasts; it cannot be taken back before.
const SessionLife = time.Hour

var customerToken = tokenKind{audience: "makegood/v1", life: SessionLife}

// Sessions makes and checks customers' tokens: JWT, HS256.
type Sessions struct {
	// Secrets holds the secrets. The first signs, every one verifies. A new one is put behind the
	// old one until every function has read it, then first; StaffSessionLife later the old one is
	// removed. See FitSecret for how long a secret is.
	Secrets Secrets
}

// Session is the content of a token.
type Session struct {
	// Customer is whose token it is.
	Customer ledger.CustomerID
	// Locale is the language that they read, "" where nobody knows it.
	Locale string
}

// Open returns a token for the session, and when it expires (whole seconds).
//
// Errors: KindBusy (the secrets cannot be read), KindInternal (there are none).
func (s Sessions) Open(ctx context.Context, session Session, now time.Time) (string, time.Time, error) {
	content := claims{RegisteredClaims: jwt.RegisteredClaims{Subject: string(session.Customer)}, Locale: session.Locale}
	token, expiry, err := customerToken.sign(ctx, s.Secrets, content, now)
	return token, expiry, fault.At("access.Open", session.Customer.Key(), err)
}

// Session returns the content of a token that is valid at now. A locale that is no language reads
// as "".
//
// Errors: KindUnauthenticated (no session of ours, or an expired one), KindBusy (the secrets cannot
// be read).
func (s Sessions) Session(ctx context.Context, token string, now time.Time) (Session, error) {
	content, err := customerToken.verify(ctx, s.Secrets, token, now)
	if err != nil {
		return Session{}, fault.At("access.Session", "", err)
	}
	customer, err := ledger.ParseCustomer(content.Subject)
	if err != nil {
		return Session{}, unauthenticated()
	}
	return Session{Customer: customer, Locale: locale.Known(content.Locale)}, nil
}
