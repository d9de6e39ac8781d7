package access_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/fault"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func live(secrets ...string) access.Secrets {
	return func(context.Context) ([]string, error) { return secrets, nil }
}

func broken(context.Context) ([]string, error) { return nil, errors.New("the vault is shut") }

func gateAt(now time.Time) access.Gate {
	return access.Gate{
		AppKeys:      live("app_new", "app_old", ""),
		OperatorKeys: live("ann:operator", "bob:operator_2", "nameless", ":blank", " "),
		Sessions:     access.Sessions{Secrets: live("secret_new", "secret_old")},
		Now:          func() time.Time { return now },
	}
}

func TestEachLiveKeyGivesItsRole(t *testing.T) {
	for header, want := range map[string]access.Role{
		"Bearer app_new":      access.RoleApp,
		"Bearer app_old":      access.RoleApp,
		"bearer  app_new ":    access.RoleApp,
		"Bearer operator":     access.RoleStaff,
		"Bearer operator_2":   access.RoleStaff,
		"BEARER operator":     access.RoleStaff,
		"\tBearer operator\t": access.RoleStaff,
	} {
		caller, err := gateAt(noon).Caller(context.Background(), header)
		require.NoError(t, err, header)
		assert.Equal(t, want, caller.Role, header)
		assert.Empty(t, caller.Customer)
		assert.Len(t, caller.ID, 8)
		assert.NotContains(t, header, caller.ID, "the fingerprint shows nothing of the key")
	}
}

func TestAnOperatorKeyNamesItsHolder(t *testing.T) {
	for header, want := range map[string][]string{
		"Bearer operator": {"ann", "staff:ann"}, "Bearer operator_2": {"bob", "staff:bob"}, "Bearer app_new": {"", "app"},
	} {
		caller, err := gateAt(noon).Caller(context.Background(), header)
		require.NoError(t, err)
		assert.Equal(t, want, []string{caller.Name, caller.Principal()}, header)
	}
}

func TestWhatIsNoLiveKeyIsUnauthenticated(t *testing.T) {
	for name, header := range map[string]string{
		"no header":               "",
		"a key without a name":    "Bearer nameless",
		"one of a blank name":     "Bearer blank",
		"a name and its key":      "Bearer ann:operator",
		"a name":                  "Bearer ann",
		"no scheme":               "app_new",
		"another scheme":          "Basic app_new",
		"no token":                "Bearer",
		"a blank token":           "Bearer  ",
		"an unknown key":          "Bearer app_next",
		"the start of a key":      "Bearer app_ne",
		"a key and more":          "Bearer app_newer",
		"another case":            "Bearer APP_NEW",
		"two keys":                "Bearer app_new app_old",
		"a session secret":        "Bearer secret_new",
		"something like a token":  "Bearer eyJh.eyJz.c2ln",
		"an enormous token":       "Bearer eyJ" + string(make([]byte, 5000)) + "..",
		"a token with no content": "Bearer eyJ..",
	} {
		_, err := gateAt(noon).Caller(context.Background(), header)
		require.Error(t, err, name)
		assert.Equal(t, fault.KindUnauthenticated, fault.KindOf(err), name)
		assert.Equal(t, fault.CodeUnauthenticated, fault.CodeOf(err), name)
	}
}

func TestAGateWithoutSecretsLetsNobodyIn(t *testing.T) {
	token, _, err := access.Sessions{Secrets: live("secret")}.Open(context.Background(), access.Session{Customer: "alice"}, noon)
	require.NoError(t, err)
	for _, gate := range []access.Gate{
		{Now: time.Now},
		{AppKeys: live(), OperatorKeys: live(""), Sessions: access.Sessions{Secrets: live(" ")}, Now: func() time.Time { return noon }},
	} {
		for _, header := range []string{"Bearer", "Bearer ", "Bearer x", "Bearer " + token} {
			_, err := gate.Caller(context.Background(), header)
			require.Error(t, err)
			assert.Equal(t, fault.KindUnauthenticated, fault.KindOf(err))
		}
	}
}

func TestSecretsThatCannotBeReadAreBusyAndNeverAccepted(t *testing.T) {
	token, _, err := access.Sessions{Secrets: live("secret_new")}.Open(context.Background(), access.Session{Customer: "alice"}, noon)
	require.NoError(t, err)
	for name, breakIt := range map[string]func(*access.Gate) string{
		"app keys":        func(g *access.Gate) string { g.AppKeys = broken; return "app_new" },
		"operator keys":   func(g *access.Gate) string { g.OperatorKeys = broken; return "app_new" },
		"session secrets": func(g *access.Gate) string { g.Sessions.Secrets = broken; return token },
	} {
		gate := gateAt(noon)
		credential := breakIt(&gate)
		caller, err := gate.Caller(context.Background(), "Bearer "+credential)
		require.Error(t, err, name)
		assert.Equal(t, fault.KindBusy, fault.KindOf(err), name)
		assert.Zero(t, caller, name)
	}
	_, _, err = access.Sessions{Secrets: broken}.Open(context.Background(), access.Session{Customer: "alice"}, noon)
	require.Error(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
}

func TestAKeyOnBothListsGivesTheLesserRole(t *testing.T) {
	gate := access.Gate{AppKeys: live("same"), OperatorKeys: live("same"), Now: time.Now}
	caller, err := gate.Caller(context.Background(), "Bearer same")
	require.NoError(t, err)
	assert.Equal(t, access.RoleApp, caller.Role)
}

func TestASessionNamesItsCustomerForAnHour(t *testing.T) {
	opened := noon.Add(700 * time.Millisecond)
	token, expiresAt, err := gateAt(opened).Sessions.Open(context.Background(), access.Session{Customer: "alice"}, opened)
	require.NoError(t, err)
	assert.Equal(t, noon.Add(time.Hour), expiresAt)
	for now, valid := range map[time.Time]bool{
		opened:                           true,
		noon.Add(time.Hour - 1):          true,
		noon.Add(time.Hour):              false,
		noon.Add(time.Hour + 1):          false,
		noon.Add(365 * 24 * time.Hour):   false,
		opened.Add(-2 * time.Second):     true, // another machine's clock may be behind
		noon.Add(59 * time.Minute).UTC(): true,
	} {
		caller, err := gateAt(now).Caller(context.Background(), "Bearer "+token)
		if !valid {
			require.Error(t, err, now)
			assert.Equal(t, fault.KindUnauthenticated, fault.KindOf(err))
			continue
		}
		require.NoError(t, err, now)
		assert.Equal(t, access.RoleCustomer, caller.Role)
		assert.EqualValues(t, "alice", caller.Customer)
		assert.Equal(t, "customer:alice", caller.Principal())
	}
}

func TestTheFirstSecretSignsAndAllVerify(t *testing.T) {
	ctx := context.Background()
	signed := func(secrets ...string) string {
		token, _, err := access.Sessions{Secrets: live(secrets...)}.Open(ctx, access.Session{Customer: "alice"}, noon)
		require.NoError(t, err)
		return token
	}
	knows := func(token string, secrets ...string) bool {
		_, err := access.Sessions{Secrets: live(secrets...)}.Session(ctx, token, noon)
		return err == nil
	}
	assert.True(t, knows(signed("new", "old"), "new"))
	assert.False(t, knows(signed("new", "old"), "old"))
	assert.True(t, knows(signed("old"), "new", "old"))
	assert.False(t, knows(signed("gone"), "new", "old"))
}

// Functions read a secret again when their copy is five minutes old, so that for a while some have
// the list of the step before.
func TestWhileASecretIsRotatedEveryTokenIsKnownToFunctionsThatAreAStepBehind(t *testing.T) {
	ctx := context.Background()
	steps := [][]string{{"old"}, {"old", "new"}, {"new", "old"}}
	for n, secrets := range steps {
		token, _, err := access.Sessions{Secrets: live(secrets...)}.Open(ctx, access.Session{Customer: "alice"}, noon)
		require.NoError(t, err)
		for _, copied := range steps[max(0, n-1):min(n+2, len(steps))] {
			_, err := access.Sessions{Secrets: live(copied...)}.Session(ctx, token, noon)
			require.NoError(t, err, "%v signs, %v verifies", secrets, copied)
		}
	}
}

func TestABlankSecretNeitherSignsNorVerifies(t *testing.T) {
	forged, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": "makegood", "aud": "makegood/v1", "sub": "alice", "exp": noon.Add(time.Hour).Unix(),
	}).SignedString([]byte(""))
	require.NoError(t, err)
	for _, secrets := range []access.Secrets{nil, live(), live(""), live(" ", "\n")} {
		sessions := access.Sessions{Secrets: secrets}
		_, err := sessions.Session(context.Background(), forged, noon)
		require.Error(t, err)
		assert.Equal(t, fault.KindUnauthenticated, fault.KindOf(err))
		_, _, err = sessions.Open(context.Background(), access.Session{Customer: "alice"}, noon)
		require.Error(t, err)
		assert.Equal(t, fault.KindInternal, fault.KindOf(err))
	}
}

func TestATokenThatIsNotQuiteOursIsUnauthenticated(t *testing.T) {
	good := func() jwt.MapClaims {
		return jwt.MapClaims{
			"iss": "makegood", "aud": "makegood/v1", "sub": "alice", "iat": noon.Unix(), "exp": noon.Add(time.Hour).Unix(),
		}
	}
	with := func(name string, value any) jwt.MapClaims {
		claims := good()
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
		return claims
	}
	secret := []byte("secret_new")
	for name, c := range map[string]struct {
		method jwt.SigningMethod
		claims jwt.MapClaims
		key    any
	}{
		"another issuer":     {jwt.SigningMethodHS256, with("iss", "makebad"), secret},
		"no issuer":          {jwt.SigningMethodHS256, with("iss", nil), secret},
		"another audience":   {jwt.SigningMethodHS256, with("aud", "makegood/v2"), secret},
		"no audience":        {jwt.SigningMethodHS256, with("aud", nil), secret},
		"no expiry":          {jwt.SigningMethodHS256, with("exp", nil), secret},
		"an expiry in words": {jwt.SigningMethodHS256, with("exp", "tomorrow"), secret},
		"expired":            {jwt.SigningMethodHS256, with("exp", noon.Unix()), secret},
		"not valid yet":      {jwt.SigningMethodHS256, with("nbf", noon.Add(time.Minute).Unix()), secret},
		"no customer":        {jwt.SigningMethodHS256, with("sub", nil), secret},
		"no such customer":   {jwt.SigningMethodHS256, with("sub", "al ice"), secret},
		"another algorithm":  {jwt.SigningMethodHS512, good(), secret},
		"no algorithm":       {jwt.SigningMethodNone, good(), jwt.UnsafeAllowNoneSignatureType},
		"another secret":     {jwt.SigningMethodHS256, good(), []byte("secret_next")},
	} {
		token, err := jwt.NewWithClaims(c.method, c.claims).SignedString(c.key)
		require.NoError(t, err, name)
		_, err = gateAt(noon).Caller(context.Background(), "Bearer "+token)
		require.Error(t, err, name)
		assert.Equal(t, fault.KindUnauthenticated, fault.KindOf(err), name)
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, good()).SignedString(secret)
	require.NoError(t, err)
	_, err = gateAt(noon).Caller(context.Background(), "Bearer "+token)
	require.NoError(t, err, "the unchanged claims are ours, so each case above fails for its own reason")
	_, err = gateAt(noon).Caller(context.Background(), "Bearer "+token[:len(token)-4]+"AAAA")
	require.Error(t, err)
}

func TestCallersSeeWhatIsTheirs(t *testing.T) {
	for _, c := range []struct {
		caller access.Caller
		sees   bool
	}{
		{access.Caller{Role: access.RoleApp}, true},
		{access.Caller{Role: access.RoleStaff}, true},
		{access.Caller{Role: access.RoleCustomer, Customer: "alice"}, true},
		{access.Caller{Role: access.RoleCustomer, Customer: "bob"}, false},
		{access.Caller{Role: access.RoleCustomer}, false},
		{access.Caller{}, false},
	} {
		assert.Equal(t, c.sees, c.caller.Sees("alice"), c.caller)
		if err := c.caller.See("alice", "wallet"); !c.sees {
			require.Error(t, err)
			assert.Equal(t, fault.KindNotFound, fault.KindOf(err))
		} else {
			require.NoError(t, err)
		}
	}
	assert.False(t, access.Caller{Role: access.RoleCustomer}.Sees(""), "nobody owns what has no owner")
}

func TestARoleThatIsNotAllowedIsForbidden(t *testing.T) {
	app := access.Caller{Role: access.RoleApp}
	require.NoError(t, app.Require(access.RoleApp, access.RoleStaff))
	for _, err := range []error{app.Require(access.RoleStaff), app.Require(), access.Caller{}.Require("")} {
		require.Error(t, err)
		assert.Equal(t, fault.KindForbidden, fault.KindOf(err))
		assert.Equal(t, fault.CodeForbidden, fault.CodeOf(err))
	}
}

func TestAPrincipalOutlivesAChangeOfKeys(t *testing.T) {
	ctx := context.Background()
	before, err := gateAt(noon).Caller(ctx, "Bearer app_old")
	require.NoError(t, err)
	after, err := gateAt(noon).Caller(ctx, "Bearer app_new")
	require.NoError(t, err)
	assert.Equal(t, before.Principal(), after.Principal())
	assert.NotEqual(t, before.ID, after.ID)
	assert.NotEqual(t, access.Caller{Role: access.RoleStaff}.Principal(), after.Principal())
}

func TestASessionSaysWhatItsCustomerReads(t *testing.T) {
	ctx, gate := context.Background(), gateAt(noon)
	for said, want := range map[string]string{"": "", "de": "de", "pt-br": "pt-BR", "german": ""} {
		token, _, err := gate.Sessions.Open(ctx, access.Session{Customer: "alice", Locale: said}, noon)
		require.NoError(t, err)
		caller, err := gate.Caller(ctx, "Bearer "+token)
		require.NoError(t, err)
		assert.Equal(t, want, caller.Locale, said)
		assert.Equal(t, "customer:alice", caller.Principal(), "ids do not depend on it")
	}
}
