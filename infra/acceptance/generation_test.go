package acceptance_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// pictures returns the outputs of a success of which that many came.
func pictures(came int) object {
	outputs := make([]any, came)
	for i := range outputs {
		outputs[i] = object{"url": "https://images.example/one.png"}
	}
	return with(success(), object{"outputs": outputs})
}

func TestAGenerationSaysWhatCameWasChargedAndWasReleased(t *testing.T) {
	alice := customer(t, 100)
	price := float64(shops[policy].price)
	for name, c := range map[string]struct {
		result object
		want   []any // state, came, charged, released
		lines  []any // the reasons of its lines, newest first
	}{
		"all":     {success(), []any{"captured", 4.0, 4 * price, 0.0}, []any{"generation_succeeded", "generation_started"}},
		"some":    {pictures(1), []any{"captured", 1.0, price, 3 * price}, []any{"outputs_missing", "generation_partial", "generation_started"}},
		"none":    {pictures(0), []any{"released", 0.0, 0.0, 4 * price}, []any{"outputs_missing", "generation_started"}},
		"failure": {failure("platform"), []any{"released", 0.0, 0.0, 4 * price}, []any{"generation_failed", "generation_started"}},
	} {
		t.Run(name, func(t *testing.T) {
			id := start(t, alice, object{"outputs": 4})
			held := generation(t, id)
			require.Equal(t, []any{"held", 0.0, 0.0, 0.0}, []any{held["state"], held["came"], held["charged"], held["released"]})
			finish(t, id, c.result)
			becomes(t, id, c.want[0].(string))
			shown := generation(t, id)
			require.Equal(t, c.want, []any{shown["state"], shown["came"], shown["charged"], shown["released"]})
			var lines []any
			for _, row := range statement(t, alice) {
				if row["generation"] == id {
					lines = append(lines, row["reason"])
				}
			}
			require.Equal(t, c.lines, lines)
		})
	}
}

func TestAGenerationCarriesTheAppsReference(t *testing.T) {
	alice, key, reference := customer(t, 100), unique("key"), strings.Repeat("画", 128)
	body := order(alice, object{"reference": reference})
	started := ask(t, "POST", "/v1/generations", local.AppKey, body, "Idempotency-Key", key)
	require.Equal(t, 201, started.status, "%v", started.body)
	id := started.body["id"].(string)
	require.Equal(t, reference, generation(t, id)["reference"])
	require.Equal(t, 201, ask(t, "POST", "/v1/generations", local.AppKey, body, "Idempotency-Key", key).status)
	other := ask(t, "POST", "/v1/generations", local.AppKey, with(body, object{"reference": "another"}), "Idempotency-Key", key)
	require.Equal(t, []any{409, "idempotency_key_reused"}, []any{other.status, other.body["code"]})
	long := ask(t, "POST", "/v1/generations", local.AppKey, with(body, object{"reference": reference + "画"}), "Idempotency-Key", unique("key"))
	require.Equal(t, []any{400, "reference"}, []any{long.status, long.body["field"]})
	require.NotContains(t, generation(t, start(t, alice)), "reference")
}

func TestACustomersGenerationsAreListedNewestFirst(t *testing.T) {
	alice, mallory := customer(t, 400), customer(t, 100)
	start(t, mallory)
	var want []any
	for range 52 {
		reference := unique("job")
		start(t, alice, object{"reference": reference})
		want = append([]any{reference}, want...)
	}
	path := "/v1/customers/" + alice + "/generations"
	for _, bearer := range []string{local.AppKey, local.OperatorKey, token(t, alice)} {
		var got []any
		for _, row := range everyPage(t, path, bearer, "generations") {
			got = append(got, row["reference"])
			require.Equal(t, []any{alice, "held", 0.0}, []any{row["customer"], row["state"], row["came"]})
		}
		require.Equal(t, want, got)
	}
	require.Len(t, asApp(t, "GET", path, nil, 200)["generations"], 50)
	require.Equal(t, 404, ask(t, "GET", path, token(t, mallory), nil).status)
	theirs := ask(t, "GET", path, local.AppKey, nil).body["next"].(string)
	forged := ask(t, "GET", "/v1/customers/"+mallory+"/generations?cursor="+theirs, local.AppKey, nil)
	require.Equal(t, []any{400, "cursor"}, []any{forged.status, forged.body["field"]})
	require.Empty(t, asApp(t, "GET", "/v1/customers/"+unique("nobody")+"/generations", nil, 200)["generations"])
}

func TestTheNoteOfAGrantIsReadAgainByStaffAndAppAndNotByTheCustomer(t *testing.T) {
	alice := unique("alice")
	gift := object{"customer": alice, "credits": 5, "source": "goodwill", "note": "called twice, be kind"}
	require.Equal(t, 201, ask(t, "POST", "/v1/grants", local.OperatorKey, gift, "Idempotency-Key", unique("key")).status)
	path := "/v1/customers/" + alice + "/statement"
	for _, bearer := range []string{local.AppKey, local.OperatorKey} {
		rows := everyPage(t, path, bearer, "entries")
		require.Len(t, rows, 1)
		require.Equal(t, "called twice, be kind", rows[0]["note"])
	}
	rows := everyPage(t, path, token(t, alice), "entries")
	require.Len(t, rows, 1)
	require.NotContains(t, rows[0], "note")
}

// partials returns the posts that not all outputs of the generation came, by their webhook-id, each
// as the contract has it.
func partials(t *testing.T, id string) map[string]object {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(stack.Root(), "shared/api/messages/notice.v1.schema.json"))
	require.NoError(t, err)
	posts := map[string]object{}
	for _, sent := range stack.Notices() {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(sent.Body))
		require.NoError(t, err)
		post := value.(object)
		if post["type"] == "generation.partial" && post["data"].(object)["generation"] == id {
			require.NoError(t, schema.Validate(value), "%s", sent.Body)
			posts[sent.Header.Get("webhook-id")] = post
		}
	}
	return posts
}

func TestACustomerIsToldThatNotAllOutputsCame(t *testing.T) {
	alice, reference := customer(t, 100), unique("job")
	some, none, all := start(t, alice, object{"outputs": 4, "reference": reference}), start(t, alice), start(t, alice, object{"outputs": 2})
	finish(t, all, success())
	finish(t, none, pictures(0))
	part := pictures(1)
	finish(t, some, part)
	finish(t, some, part)
	for _, id := range []string{some, none} {
		soon(t, "it is told", func() bool { return len(partials(t, id)) == 1 })
	}
	post := partials(t, some)[some+".generation.partial"]
	price := float64(shops[policy].price)
	data := post["data"].(object)
	wanted := object{
		"customer": alice, "reference": reference, "outputs": json.Number("4"), "came": json.Number("1"),
		"charged": json.Number(fmt.Sprint(price)), "released": json.Number(fmt.Sprint(3 * price)),
		"words": "1 of 4 results came. You weren't charged the 12 AI credits for the rest.",
	}
	for field, want := range wanted {
		require.Equal(t, want, data[field], field)
	}
	require.Equal(t, json.Number("0"), partials(t, none)[none+".generation.partial"]["data"].(object)["came"])
	becomes(t, all, "captured")
	soon(t, "the queue drains", func() bool { return waiting(t, "NoticesQueue") == 0 })
	require.Empty(t, partials(t, all), "all that was asked for came")
	require.Len(t, partials(t, some), 1)
}

func TestANoticeOfOutputsThatDidNotComeIsSweptWhenItsMessageIsLost(t *testing.T) {
	alice := customer(t, 100)
	id := start(t, alice, object{"outputs": 2})
	during(t, "settle-generation", "SendMessage", 1, lose)
	finish(t, id, pictures(1))
	becomes(t, id, "captured")
	soon(t, "the queue drains", func() bool { return waiting(t, "GenerationResultsQueue") == 0 })
	age(t, id, "notice")
	sweep(t)
	soon(t, "it is told", func() bool { return len(partials(t, id)) == 1 })
	soon(t, "the queue drains", func() bool { return waiting(t, "NoticesQueue") == 0 })
	wantBalance(t, alice, balance{available: float64(100 - shops[policy].price)})
}
