package access

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"makegood/shared/fault"
)

// StaffSessionLife is how long a member of staff stays signed in: a working day. A session cannot
// be taken back before, except with all others, by another secret.
const StaffSessionLife = 12 * time.Hour

var staffToken = tokenKind{audience: "makegood/console", life: StaffSessionLife}

// StaffSessions makes and checks the tokens of the console: JWT, HS256, by the secrets of
// customers' sessions. The API takes none of them.
type StaffSessions struct {
	// Secrets holds the secrets, as in Sessions.
	Secrets Secrets
}

// StaffSession is who is signed in at the console.
type StaffSession struct {
	// Name is what they are called beside what they do, see FitName. An operator key of that name
	// is theirs.
	Name string
	// Roles are what they answer for, at least one.
	Roles []StaffRole
}

// Open returns a token for the session, and when it expires (whole seconds).
//
// Errors: KindInvalid (no name, or no role), KindBusy (the secrets cannot be read), KindInternal
// (there are none).
func (s StaffSessions) Open(ctx context.Context, session StaffSession, now time.Time) (string, time.Time, error) {
	if err := FitName(session.Name); err != nil {
		return "", time.Time{}, fault.Invalid("name", "%v", err)
	}
	if !knownRoles(session.Roles) {
		return "", time.Time{}, fault.Invalid("roles", "at least one, of those that there are")
	}
	content := claims{RegisteredClaims: jwt.RegisteredClaims{Subject: session.Name}, Roles: session.Roles}
	token, expiry, err := staffToken.sign(ctx, s.Secrets, content, now)
	return token, expiry, fault.At("access.OpenStaff", "", err)
}

// Caller returns who is signed in by a token that is valid at now: of RoleStaff.
//
// Errors: KindUnauthenticated (no session of ours, or an expired one), KindBusy (the secrets cannot
// be read).
func (s StaffSessions) Caller(ctx context.Context, token string, now time.Time) (Caller, error) {
	content, err := staffToken.verify(ctx, s.Secrets, token, now)
	if err != nil {
		return Caller{}, fault.At("access.StaffCaller", "", err)
	}
	if FitName(content.Subject) != nil || !knownRoles(content.Roles) {
		return Caller{}, unauthenticated()
	}
	id := fingerprint(sha256.Sum256([]byte(content.Subject)))
	return Caller{Role: RoleStaff, Name: content.Subject, StaffRoles: content.Roles, ID: id}, nil
}

// knownRoles reports whether there is a role, and none that there is not.
func knownRoles(roles []StaffRole) bool {
	unknown := func(r StaffRole) bool { return !slices.Contains(StaffRoles(), r) }
	return len(roles) > 0 && !slices.ContainsFunc(roles, unknown)
}
