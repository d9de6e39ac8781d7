package acceptance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestACustomersLanguageIsKeptWithWhatItConcernsAndAReadSaysWhichItIsIn(t *testing.T) {
	alice := customer(t, 100)
	opened := asApp(t, "POST", "/v1/sessions", object{"customer": alice, "locale": "pt-br"}, 201)
	token := opened["token"].(string)
	id := start(t, alice, object{"locale": "de"})
	finish(t, id, success())
	becomes(t, id, "captured")
	filed := ask(t, "POST", "/v1/reports", token, object{"generation": id, "description": "three hands"}, "Idempotency-Key", unique("key"))
	require.Equal(t, 202, filed.status, filed.body)
	reported := filed.body["case"].(string)
	decided(t, reported, "in_review", "R8")
	require.Equal(t, "pt-BR", matter(t, reported)["locale"], "the session's, of who asked")

	failed := start(t, alice, object{"locale": "de"})
	finish(t, failed, failure("platform"))
	becomes(t, failed, "released")
	require.Equal(t, "de", matter(t, generation(t, failed)["case"].(string))["locale"], "the generation's, of what nobody asked for")

	for path, header := range map[string]string{"/v1/cases/" + reported: "de-AT, fr;q=0.5", "/v1/customers/" + alice + "/cases": "", "/v1/policy": "de"} {
		read := ask(t, "GET", path, token, nil, "Accept-Language", header)
		require.Equal(t, []any{200, "en", "Origin, Accept-Language"}, []any{read.status, read.header.Get("Content-Language"), read.header.Get("Vary")},
			"photoroom is worded in English alone")
	}
	for path, body := range map[string]object{
		"/v1/sessions":    {"customer": alice},
		"/v1/generations": order(alice),
		"/v1/reports":     {"generation": id, "description": "three hands"},
	} {
		refused := ask(t, "POST", path, local.AppKey, with(body, object{"locale": "german"}), "Idempotency-Key", unique("key"))
		require.Equal(t, []any{400, "invalid_request", "locale"}, []any{refused.status, refused.body["code"], refused.body["field"]}, path)
	}
}

func TestAClaimIsInTheLanguageOfItsCheckout(t *testing.T) {
	for name, clause := range map[string]string{"goopter": "G1", "popcustoms": "X3"} {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			alice, payment := unique("alice"), unique("pi")
			require.Equal(t, 200, tell(t, session(alice, payment, object{"locale": "de"})).status)
			caseID := request(t, "change_of_mind", alice, payment)
			soon(t, "it is decided", func() bool { return matter(t, caseID)["decision"] != nil })
			found := matter(t, caseID)
			require.Equal(t, []any{"de", clause}, []any{found["locale"], found["decision"].(object)["clause"]})
		})
	}
}
