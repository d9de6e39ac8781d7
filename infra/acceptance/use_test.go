package acceptance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// used tells what was done with an output.
func used(t *testing.T, id string, output int, done object) object {
	t.Helper()
	return asApp(t, "POST", "/v1/generations/"+id+"/usage", with(object{"output": output, "at": now()}, done), 200)
}

func TestWhatTheAppRecordedOfADownloadDeclinesTheReportWhateverTheClaimantSays(t *testing.T) {
	under(t, "popcustoms")
	alice := customer(t, 4*395)
	id := picture(t, alice, object{"outputs": 4})
	told := object{"output": 0, "downloaded": true, "bulk": true, "at": now()}
	key := unique("key")
	first := ask(t, "POST", "/v1/generations/"+id+"/usage", local.AppKey, told, "Idempotency-Key", key)
	require.Equal(t, []any{200, true, false}, []any{first.status, first.body["bulk"], first.body["commercial"]})
	again := ask(t, "POST", "/v1/generations/"+id+"/usage", local.AppKey, told, "Idempotency-Key", key)
	require.Equal(t, first.body, again.body)
	require.Equal(t, 409, ask(t, "POST", "/v1/generations/"+id+"/usage", local.AppKey, with(told, object{"commercial": true}), "Idempotency-Key", key).status)
	require.Equal(t, 403, ask(t, "POST", "/v1/generations/"+id+"/usage", token(t, alice), told, "Idempotency-Key", unique("key")).status)
	used(t, id, 1, object{"commercial": true})
	used(t, id, 2, object{"downloaded": true})

	require.Equal(t, "This image was downloaded in bulk, so it isn't refundable.",
		decided(t, report(t, id), "declined", "P4.5")["decision"].(object)["reason"])
	require.Equal(t, "This image was used commercially, so it isn't refundable.",
		decided(t, report(t, id, object{"output": 1}), "declined", "P4.5")["decision"].(object)["reason"])
	once := report(t, id, object{"output": 2})
	decided(t, once, "in_review", "P5.3")
	said := report(t, id, object{"output": 3, "usage": object{"commercial_use": true}})
	decided(t, said, "declined", "P4.5")

	used(t, id, 2, object{"commercial": true})
	facts := asStaff(t, "GET", "/v1/cases/"+once, nil, 200)["facts"].(object)["usage"].(object)
	require.NotContains(t, facts, "said")
	recorded := facts["recorded"].(object)
	require.Equal(t, []any{2.0, true, false, true}, []any{recorded["output"], recorded["downloaded"], recorded["bulk"], recorded["commercial"]})
	facts = asStaff(t, "GET", "/v1/cases/"+said, nil, 200)["facts"].(object)["usage"].(object)
	require.Equal(t, object{"said": object{"commercial_use": true}}, facts)
	decided(t, once, "in_review", "P5.3")
	require.Len(t, generation(t, id)["usage"], 3)
	require.NotContains(t, matter(t, once), "facts")
}
