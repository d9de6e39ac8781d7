// Package access owns who is calling: API keys, sessions of customers and of staff, the roles they
// give, what each role of staff may do, which pages may call, and how often a customer may.
//
// It refuses to know HTTP beyond the Authorization header's words, what each route allows, how
// staff prove who they are (signin does), and where secrets are kept.
//
// Invariants: a credential that cannot be checked is never accepted (KindBusy). Keys are compared
// in constant time, and none of them ever reaches an answer or a log. A session names one customer
// or one member of staff, ends by itself, is signed with one algorithm only, and is good either for
// the API or for the console.
//
// Words: caller (who makes a request), role (app, customer, staff), staff role (reviewer, money,
// admin), permission (one thing that staff do), key (of the app's server or of staff), session (a
// token), principal (the caller as ids derive from it).
package access

import (
	"slices"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// Role is what a caller is.
type Role string

// The roles; the zero value is invalid and allowed nothing.
const (
	RoleApp      Role = "app"      // the app's server
	RoleCustomer Role = "customer" // one customer, by session
	RoleStaff    Role = "staff"    // an operator
)

// Caller is who makes a request.
type Caller struct {
	// Role says what the caller may do.
	Role Role
	// Customer is the session's; empty for other roles.
	Customer ledger.CustomerID
	// Locale is the language that the session names, "" where it names none, and for other roles.
	Locale string
	// Name is that of the member of staff or of the operator key; empty for other roles.
	Name string
	// StaffRoles are what a member of staff answers for, all of them for an operator key; none for
	// other roles.
	StaffRoles []StaffRole
	// ID tells callers apart in logs: a key's fingerprint or the customer's key, never the
	// credential.
	ID string
}

// Principal returns the caller as ids of idempotent requests derive from it: the role, and the
// customer or the operator's name where there is one. It does not depend on which of several live
// keys was used, so that a retry across a change of keys is still a replay.
func (c Caller) Principal() string {
	if c.Role == RoleCustomer {
		return string(c.Role) + ":" + string(c.Customer)
	}
	if c.Role == RoleStaff && c.Name != "" {
		return string(c.Role) + ":" + c.Name
	}
	return string(c.Role)
}

// Require returns nil when the caller has one of the roles, else a KindForbidden error.
func (c Caller) Require(roles ...Role) error {
	if c.Role != "" && slices.Contains(roles, c.Role) {
		return nil
	}
	return fault.Errorf(fault.KindForbidden, fault.CodeForbidden, "not for this caller")
}

// Sees reports whether the caller may know of what belongs to customer: staff and app see all, a
// customer their own.
func (c Caller) Sees(customer ledger.CustomerID) bool {
	switch c.Role {
	case RoleApp, RoleStaff:
		return true
	case RoleCustomer:
		return c.Customer != "" && c.Customer == customer
	}
	return false
}

// See returns nil when the caller Sees what belongs to customer, else the KindNotFound error of
// something that does not exist: a refusal would tell that it does.
func (c Caller) See(customer ledger.CustomerID, what string) error {
	if c.Sees(customer) {
		return nil
	}
	return fault.NotFound(what)
}
