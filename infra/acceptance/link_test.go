package acceptance_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestALinkThatIsNoAddressOfTheWebIsRefusedOrNotKeptWhereverItComesIn(t *testing.T) {
	alice := customer(t, 80)
	for _, link := range []string{"javascript:alert(document.cookie)", "JavaScript://x.example/%0aalert(1)", "data:text/html,<script>", "//x.example/1.png", "https://bank.example@x.example/", "x"} {
		id := start(t, alice)
		result := func(change object) answer {
			return ask(t, "POST", "/v1/generations/"+id+"/result", local.AppKey, with(success(), change))
		}
		good := []object{{"url": "https://images.example/1.png"}}
		refused := result(object{"outputs": []object{{"url": link}}})
		assert.Equal(t, []any{400, "outputs[0].url"}, []any{refused.status, refused.body["field"]}, link)
		refused = result(object{"outputs": good, "input": object{"url": link}})
		assert.Equal(t, []any{400, "input.url"}, []any{refused.status, refused.body["field"]}, link)

		require.Equal(t, "held", generation(t, id)["state"])
		queued := start(t, alice)
		message, err := json.Marshal(with(success(), object{"type": "generation.finished", "version": 1, "generation": queued, "outputs": []object{{"url": link}}}))
		require.NoError(t, err)
		send(t, "GenerationResultsQueue", string(message))
		becomes(t, queued, "captured") // nobody reads the answer to a message: the picture came, and its link is not kept

		said := claim("outage", alice, "pi_1")
		said["claim"] = with(said["claim"].(object), object{"attachments": []string{"https://files.example/receipt.pdf", link}})
		claimed := ask(t, "POST", "/v1/refund-requests", local.AppKey, said, "Idempotency-Key", unique("key"))
		assert.Equal(t, []any{400, "claim.attachments[1]"}, []any{claimed.status, claimed.body["field"]}, link)

		finish(t, id, with(success(), object{"outputs": good, "input": object{"url": "http://uploads.example/cat.jpg?a=b#c"}}))
		becomes(t, id, "captured")
	}
}
