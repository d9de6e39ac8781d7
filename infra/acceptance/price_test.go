package acceptance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// film is an order of a video with these options.
func film(alice string, options object) object {
	return with(order(alice, object{"feature": "video-generator"}), options)
}

func TestAVideoCostsWhatThePolicyAsksForItsModelItsSizeAndItsLength(t *testing.T) {
	var priced object
	for _, feature := range asApp(t, "GET", "/v1/policy", nil, 200)["features"].([]any) {
		if feature.(object)["name"] == "video-generator" {
			priced = feature.(object)
		}
	}
	require.Equal(t, 4.0, priced["price"], "the price without options")
	require.Contains(t, priced["prices"], object{"when": object{"model": "pro"}, "per_second": 2.0, "max_seconds": 30.0})

	alice := customer(t, 200)
	spent := 0.0
	for _, c := range []struct {
		options object
		price   float64
	}{
		{object{}, 4},
		{object{"model": "pro"}, 8},
		{object{"model": "pro", "size": "hd", "outputs": 2}, 24},
		{object{"seconds": 60}, 60},
		{object{"model": "pro", "seconds": 7}, 14},
	} {
		key := unique("key")
		body := film(alice, c.options)
		started := ask(t, "POST", "/v1/generations", local.AppKey, body, "Idempotency-Key", key)
		require.Equal(t, 201, started.status, "%v: %v", c.options, started.body)
		require.Equal(t, c.price, started.body["price"], "%v", c.options)
		shown := generation(t, started.body["id"].(string))
		for _, option := range []string{"model", "size", "seconds"} {
			require.EqualValues(t, c.options[option], started.body[option])
			require.EqualValues(t, c.options[option], shown[option])
		}
		require.Equal(t, c.price, shown["price"])
		again := ask(t, "POST", "/v1/generations", local.AppKey, body, "Idempotency-Key", key)
		require.Equal(t, started.body, again.body)
		other := ask(t, "POST", "/v1/generations", local.AppKey, with(body, object{"seconds": 9}), "Idempotency-Key", key)
		require.Equal(t, []any{409, "idempotency_key_reused"}, []any{other.status, other.body["code"]})
		spent += c.price
	}
	wantBalance(t, alice, balance{available: 200 - spent, held: spent})
}

func TestOptionsThatThePolicyDoesNotPriceAreRefusedByTheirField(t *testing.T) {
	alice := customer(t, 100)
	for field, options := range map[string]object{
		"model":   {"model": "prof"},
		"size":    {"model": "pro", "size": "8k"},
		"seconds": {"model": "pro", "seconds": 31},
	} {
		refused := ask(t, "POST", "/v1/generations", local.AppKey, film(alice, options), "Idempotency-Key", unique("key"))
		require.Equal(t, []any{400, "invalid_request", field}, []any{refused.status, refused.body["code"], refused.body["field"]})
	}
	wantBalance(t, alice, balance{available: 100})
	start(t, alice, object{"model": "a model of no price", "size": "large"})
	wantBalance(t, alice, balance{available: 96, held: 4})
}

func TestAPartOfADearerGenerationGivesBackItsShareOfThatPrice(t *testing.T) {
	alice := customer(t, 48)
	id := asApp(t, "POST", "/v1/generations", film(alice, object{"model": "pro", "size": "hd", "outputs": 4}), 201)["id"].(string)
	finish(t, id, pictures(1))
	becomes(t, id, "captured")
	wantBalance(t, alice, balance{available: 36})
	failed := asApp(t, "POST", "/v1/generations", film(alice, object{"seconds": 36}), 201)["id"].(string)
	finish(t, failed, failure("platform"))
	becomes(t, failed, "released")
	wantBalance(t, alice, balance{available: 36})
}
