package access

import (
	"slices"
	"strings"

	"makegood/shared/fault"
)

// StaffRole is what a member of staff answers for. A person may have several.
type StaffRole string

// The roles of staff; the zero value is invalid and permits nothing.
const (
	StaffRoleReviewer StaffRole = "reviewer" // rules on cases
	StaffRoleMoney    StaffRole = "money"    // answers for payments, outages and what they give back
	StaffRoleAdmin    StaffRole = "admin"    // may do everything
)

// StaffRoles returns every role of staff. An operator key has all of them.
func StaffRoles() []StaffRole {
	return []StaffRole{StaffRoleReviewer, StaffRoleMoney, StaffRoleAdmin}
}

// Permission is one thing that staff do. Each page and each form of the console names the one that
// it needs.
type Permission string

// The permissions; the zero value is invalid and nobody has it.
const (
	PermissionRead      Permission = "read"       // to see every desk, page and export
	PermissionAssign    Permission = "assign"     // to take a case for a while, or give it back
	PermissionSkip      Permission = "skip"       // to put a case behind, with a reason
	PermissionNote      Permission = "note"       // to note something on a case
	PermissionLook      Permission = "look"       // to take second looks
	PermissionRule      Permission = "rule"       // to rule on cases, confirm a ruling, take one's own back
	PermissionRuleMoney Permission = "rule_money" // beside rule: to do so where money goes back
	PermissionResolve   Permission = "resolve"    // to resolve payments that wait
	PermissionOutage    Permission = "outage"     // to declare, correct, withdraw and run outages
	PermissionRetry     Permission = "retry"      // to make due again what is stuck
	PermissionGrant     Permission = "grant"      // to give credits as goodwill
	PermissionStanding  Permission = "standing"   // to set what a customer may still do
	PermissionLift      Permission = "lift"       // to let a stopped signal decide again
	PermissionSimulate  Permission = "simulate"   // to replay decided cases under a draft of the policy
	PermissionErase     Permission = "erase"      // to erase what is personal of a customer's
)

// Permissions returns every permission, from what most may do to what fewest may.
func Permissions() []Permission {
	return []Permission{
		PermissionRead, PermissionAssign, PermissionSkip, PermissionNote, PermissionLook, PermissionRule, PermissionRuleMoney,
		PermissionResolve, PermissionOutage, PermissionRetry, PermissionGrant, PermissionStanding, PermissionLift,
		PermissionSimulate, PermissionErase,
	}
}

// permitted is what each role may do, admin aside, who may do everything. What changes a customer,
// a signal or the policy rather than one case or one payment is an admin's.
var permitted = map[StaffRole][]Permission{
	StaffRoleReviewer: {PermissionRead, PermissionAssign, PermissionSkip, PermissionNote, PermissionLook, PermissionRule},
	StaffRoleMoney: {
		PermissionRead, PermissionAssign, PermissionSkip, PermissionNote,
		PermissionRuleMoney, PermissionResolve, PermissionOutage, PermissionRetry, PermissionGrant,
	},
}

// Permits reports whether the role may do it.
func (r StaffRole) Permits(permission Permission) bool {
	if r == StaffRoleAdmin {
		return slices.Contains(Permissions(), permission)
	}
	return slices.Contains(permitted[r], permission)
}

// ParseStaffRole returns the role of that name; false where there is none.
func ParseStaffRole(name string) (StaffRole, bool) {
	role := StaffRole(name)
	return role, slices.Contains(StaffRoles(), role)
}

// May reports whether the caller is staff and one of their roles permits it.
func (c Caller) May(permission Permission) bool {
	return c.Role == RoleStaff && slices.ContainsFunc(c.StaffRoles, func(r StaffRole) bool { return r.Permits(permission) })
}

// RequirePermission returns nil when the caller May do it, else a KindForbidden error that names
// the roles which would do.
func (c Caller) RequirePermission(permission Permission) error {
	if c.May(permission) {
		return nil
	}
	var roles []string
	for _, role := range StaffRoles() {
		if role.Permits(permission) {
			roles = append(roles, string(role))
		}
	}
	return fault.Errorf(fault.KindForbidden, fault.CodeForbidden, "this needs the role %s", strings.Join(roles, " or "))
}
