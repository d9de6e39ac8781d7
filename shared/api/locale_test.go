package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/fault"
)

func TestTheBodysLocaleStandsBeforeTheSessions(t *testing.T) {
	german := access.Caller{Role: access.RoleCustomer, Customer: "alice", Locale: "de"}
	for _, test := range []struct {
		named *string
		want  string
	}{{nil, "de"}, {new("pt-br"), "pt-BR"}} {
		got, err := api.Locale(test.named, german)
		require.NoError(t, err)
		assert.Equal(t, test.want, got)
	}
	_, err := api.Locale(new("german"), german)
	assert.Equal(t, fault.KindInvalid, fault.KindOf(err))
}

// speaker is a gate whose customer reads a language.
type speaker struct{ locale string }

func (speaker) AllowsOrigin(string) bool { return false }

func (speaker) Count(context.Context, access.Caller) error { return nil }

func (s speaker) Caller(context.Context, string) (access.Caller, error) {
	return access.Caller{Role: access.RoleCustomer, Customer: "alice", Locale: s.locale}, nil
}

func TestAReadIsInTheHeadersLanguagesElseInTheSessions(t *testing.T) {
	for _, test := range []struct {
		header, session string
		want            []string
	}{
		{"fr;q=0.5, de-AT", "pt-BR", []string{"de-AT", "fr"}},
		{"", "pt-BR", []string{"pt-BR"}},
		{"de;q=often", "pt-BR", []string{"pt-BR"}},
		{"*", "pt-BR", []string{"pt-BR"}},
		{"", "", nil},
	} {
		var wanted []string
		mux := api.NewMux(speaker{test.session})
		api.Handle(mux, "GET /v1/sentence", api.Route[api.NoBody]{
			Roles: []access.Role{access.RoleCustomer},
			Run: func(_ context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
				wanted = request.Languages()
				return api.Answer{Status: http.StatusOK, Body: "Ja.", Language: "de"}, nil
			},
		})
		r := httptest.NewRequest(http.MethodGet, "/v1/sentence", nil)
		r.Header.Set("Accept-Language", test.header)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		assert.Equal(t, test.want, wanted)
		assert.Equal(t, []string{"de", "Origin", "Accept-Language"}, append(w.Header().Values("Content-Language"), w.Header().Values("Vary")...))
	}
}

func TestAnAnswerThatChoseNoLanguageNamesNone(t *testing.T) {
	w, _ := ask(t, asked{"app", "k", `{"customer":"alice","credits":2,"source":"promotion"}`})
	assert.Equal(t, http.StatusCreated, w.Code)
	assert.Empty(t, w.Header().Get("Content-Language"))
	assert.Equal(t, []string{"Origin"}, w.Header().Values("Vary"))
}
