package access_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/fault"
)

// The table that infra/operate shows; x: may.
const rolesAndActions = `
             reviewer money admin
read         x        x     x
assign       x        x     x
skip         x        x     x
note         x        x     x
look         x        .     x
rule         x        .     x
rule_money   .        x     x
resolve      .        x     x
outage       .        x     x
retry        .        x     x
grant        .        x     x
standing     .        .     x
lift         .        .     x
simulate     .        .     x
erase        .        .     x`

func TestEachRoleMayDoWhatTheTableSays(t *testing.T) {
	lines := strings.Split(strings.TrimLeft(rolesAndActions, "\n"), "\n")
	roles := strings.Fields(lines[0])
	require.Len(t, roles, len(access.StaffRoles()), "every role has a column")
	require.Len(t, lines[1:], len(access.Permissions()), "every permission has a row")
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		for n, name := range roles {
			role, known := access.ParseStaffRole(name)
			require.True(t, known, name)
			caller := access.Caller{Role: access.RoleStaff, StaffRoles: []access.StaffRole{role}}
			assert.Equal(t, cells[n+1] == "x", caller.May(access.Permission(cells[0])), "%s, %s", name, cells[0])
		}
	}
}

func TestWhoHasTwoRolesMayDoWhatEitherMay(t *testing.T) {
	both := access.Caller{Role: access.RoleStaff, StaffRoles: []access.StaffRole{access.StaffRoleReviewer, access.StaffRoleMoney}}
	for _, permission := range access.Permissions() {
		want := access.StaffRoleReviewer.Permits(permission) || access.StaffRoleMoney.Permits(permission)
		assert.Equal(t, want, both.May(permission), permission)
	}
}

func TestAnOperatorKeyMayDoEverything(t *testing.T) {
	caller, err := gateAt(noon).Caller(context.Background(), "Bearer operator")
	require.NoError(t, err)
	for _, permission := range access.Permissions() {
		assert.True(t, caller.May(permission), permission)
	}
}

func TestNobodyElseMayDoAnythingOfStaffs(t *testing.T) {
	for name, caller := range map[string]access.Caller{
		"nobody":                   {},
		"the app":                  {Role: access.RoleApp},
		"the app, with roles":      {Role: access.RoleApp, StaffRoles: access.StaffRoles()},
		"a customer, with roles":   {Role: access.RoleCustomer, StaffRoles: access.StaffRoles()},
		"staff without a role":     {Role: access.RoleStaff},
		"staff of a role of none":  {Role: access.RoleStaff, StaffRoles: []access.StaffRole{"", "owner"}},
		"staff who are no person":  {StaffRoles: access.StaffRoles()},
		"staff of another's words": {Role: access.RoleStaff, StaffRoles: []access.StaffRole{"Admin", "admin "}},
	} {
		for _, permission := range access.Permissions() {
			assert.False(t, caller.May(permission), "%s, %s", name, permission)
		}
	}
	for _, role := range access.StaffRoles() {
		assert.False(t, role.Permits(""), "what nobody named is permitted to nobody")
		assert.False(t, role.Permits("everything"), role)
	}
}

func TestARefusalNamesTheRolesThatWouldDo(t *testing.T) {
	reviewer := access.Caller{Role: access.RoleStaff, StaffRoles: []access.StaffRole{access.StaffRoleReviewer}}
	require.NoError(t, reviewer.RequirePermission(access.PermissionRule))
	err := reviewer.RequirePermission(access.PermissionResolve)
	require.ErrorContains(t, err, "this needs the role money or admin")
	assert.Equal(t, fault.KindForbidden, fault.KindOf(err))
	require.ErrorContains(t, reviewer.RequirePermission(access.PermissionErase), "the role admin")
}

var staffSessions = access.StaffSessions{Secrets: live("secret_new", "secret_old")}

func signedIn(t *testing.T, name string, roles ...access.StaffRole) string {
	t.Helper()
	token, _, err := staffSessions.Open(context.Background(), access.StaffSession{Name: name, Roles: roles}, noon)
	require.NoError(t, err)
	return token
}

func TestAStaffSessionNamesItsPersonForTwelveHours(t *testing.T) {
	token, expiresAt, err := staffSessions.Open(context.Background(), access.StaffSession{
		Name: "ann@example.com", Roles: []access.StaffRole{access.StaffRoleReviewer},
	}, noon)
	require.NoError(t, err)
	assert.Equal(t, noon.Add(12*time.Hour), expiresAt)
	caller, err := staffSessions.Caller(context.Background(), token, expiresAt.Add(-1))
	require.NoError(t, err)
	assert.Equal(t, access.RoleStaff, caller.Role)
	assert.Equal(t, "ann@example.com", caller.Name)
	assert.Equal(t, "staff:ann@example.com", caller.Principal(), "as an operator key of that name: one person")
	assert.Equal(t, []access.StaffRole{access.StaffRoleReviewer}, caller.StaffRoles)
	assert.Len(t, caller.ID, 8)
	_, err = staffSessions.Caller(context.Background(), token, expiresAt)
	assert.Equal(t, fault.KindUnauthenticated, fault.KindOf(err))
}

func TestASessionIsGoodForTheAPIOrForTheConsole(t *testing.T) {
	ctx := context.Background()
	_, err := gateAt(noon).Caller(ctx, "Bearer "+signedIn(t, "ann", access.StaffRoleAdmin))
	require.Error(t, err, "the API takes no session of the console")
	assert.Equal(t, fault.KindUnauthenticated, fault.KindOf(err))
	token, _, err := gateAt(noon).Sessions.Open(ctx, access.Session{Customer: "ann"}, noon)
	require.NoError(t, err)
	_, err = staffSessions.Caller(ctx, token, noon)
	require.Error(t, err, "the console takes no customer's session")
	assert.Equal(t, fault.KindUnauthenticated, fault.KindOf(err))
}

func TestAStaffSessionHasANameAndRolesThatThereAre(t *testing.T) {
	ctx := context.Background()
	for name, session := range map[string]access.StaffSession{
		"no name":           {Roles: access.StaffRoles()},
		"a blank in it":     {Name: "ann b", Roles: access.StaffRoles()},
		"a long name":       {Name: strings.Repeat("a", 65), Roles: access.StaffRoles()},
		"no role":           {Name: "ann"},
		"a role of no kind": {Name: "ann", Roles: []access.StaffRole{"reviewer", "owner"}},
	} {
		_, _, err := staffSessions.Open(ctx, session, noon)
		require.Error(t, err, name)
		assert.Equal(t, fault.KindInvalid, fault.KindOf(err), name)
		content := jwt.MapClaims{"iss": "makegood", "aud": "makegood/console", "sub": session.Name, "roles": session.Roles, "exp": noon.Add(time.Hour).Unix()}
		forged, err := jwt.NewWithClaims(jwt.SigningMethodHS256, content).SignedString([]byte("secret_new"))
		require.NoError(t, err)
		_, err = staffSessions.Caller(ctx, forged, noon)
		assert.Equal(t, fault.KindUnauthenticated, fault.KindOf(err), name)
	}
}

func TestStaffSessionsNeedASecret(t *testing.T) {
	ctx, token := context.Background(), signedIn(t, "ann", access.StaffRoleAdmin)
	_, err := access.StaffSessions{Secrets: broken}.Caller(ctx, token, noon)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
	for _, secrets := range []access.Secrets{nil, live(), live(" "), live("another")} {
		_, err := access.StaffSessions{Secrets: secrets}.Caller(ctx, token, noon)
		assert.Equal(t, fault.KindUnauthenticated, fault.KindOf(err))
	}
	_, _, err = access.StaffSessions{}.Open(ctx, access.StaffSession{Name: "ann", Roles: access.StaffRoles()}, noon)
	assert.Equal(t, fault.KindInternal, fault.KindOf(err))
}
