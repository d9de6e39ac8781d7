package signin

import (
	"fmt"
	"slices"
	"strings"

	"makegood/shared/access"
	"makegood/shared/fault"
)

// claimEmail is the claim that says itself whether it was verified.
const claimEmail = "email"

// Names says how to read who somebody is in the claims of a token.
type Names struct {
	// NameClaim holds the person's name: one that nobody can give themselves.
	NameClaim string
	// RolesClaim holds what says their roles: a text, or a list of texts. A name with dots is taken
	// as it is, or else as a path.
	RolesClaim string
	// Roles are the texts that give each role.
	Roles map[access.StaffRole][]string
}

// ParseRoles reads "reviewer=support,money=finance,admin=ops": each role and a text of the claim
// that gives it. A role may stand several times, and so may a text.
func ParseRoles(text string) (map[access.StaffRole][]string, error) {
	roles := map[access.StaffRole][]string{}
	for entry := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(entry), "=")
		role, known := access.ParseStaffRole(strings.TrimSpace(name))
		if value = strings.TrimSpace(value); !known || value == "" {
			return nil, fmt.Errorf("%q is no role=value with a role of %v", entry, access.StaffRoles())
		}
		roles[role] = append(roles[role], value)
	}
	return roles, nil
}

// session returns the person of the claims. Their name is in small letters, so that one person has
// one name.
//
// Errors: KindForbidden (no name that holds, or no role).
func (n Names) session(claims map[string]any) (access.StaffSession, error) {
	name, _ := find(claims, n.NameClaim).(string)
	name = strings.ToLower(name)
	if name == "" {
		return access.StaffSession{}, notLetIn("the identity provider did not say your name")
	}
	if verified, stated := claims[claimEmail+"_verified"]; n.NameClaim == claimEmail && stated && verified != true && verified != "true" {
		return access.StaffSession{}, notLetIn("the identity provider has not verified your e-mail address")
	}
	if err := access.FitName(name); err != nil {
		return access.StaffSession{}, notLetIn("your name at the identity provider does not do: " + err.Error())
	}
	var roles []access.StaffRole
	values := texts(find(claims, n.RolesClaim))
	for _, role := range access.StaffRoles() {
		if slices.ContainsFunc(values, func(value string) bool { return slices.Contains(n.Roles[role], value) }) {
			roles = append(roles, role)
		}
	}
	if len(roles) == 0 {
		return access.StaffSession{}, notLetIn("you have no role here; ask whoever runs the identity provider for one")
	}
	return access.StaffSession{Name: name, Roles: roles}, nil
}

func notLetIn(sentence string) error {
	return fault.Errorf(fault.KindForbidden, fault.CodeForbidden, "%s", sentence)
}

// find returns the claim of that name, or at that path; nil for none.
func find(claims map[string]any, name string) any {
	if value, ok := claims[name]; ok {
		return value
	}
	first, rest, ok := strings.Cut(name, ".")
	if !ok {
		return nil
	}
	inner, _ := claims[first].(map[string]any)
	return find(inner, rest)
}

// texts returns a claim's texts: one, or each of a list.
func texts(claim any) []string {
	switch value := claim.(type) {
	case string:
		return []string{value}
	case []any:
		var all []string
		for _, one := range value {
			if text, ok := one.(string); ok {
				all = append(all, text)
			}
		}
		return all
	}
	return nil
}
