package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// strict is goopter's policy, which demands proofs and the payment of whoever got no credits.
func strict(t *testing.T) *policy.Policy {
	t.Helper()
	published, err := os.ReadFile("../../shared/policy/published/goopter/2026-02-13.yaml")
	require.NoError(t, err)
	demands := "claims:\n  - {kind: not_credited, label: No credits came, needs: [attachments, payment]}\n  - {kind: outage, label: It was down}\n"
	revision, err := policyfile.Parse("strict.yaml", append(published, demands...))
	require.NoError(t, err)
	demanding, err := policy.New(revision)
	require.NoError(t, err)
	return demanding
}

// withoutProofs takes the attachments out of a claim.
func withoutProofs(event map[string]any) {
	event["body"] = strings.Replace(event["body"].(string), `,"attachments":["https://files.example.com/receipt.pdf"]`, "", 1)
}

func TestAClaimNamesWhatThePolicyInForceDemandsOfItsKind(t *testing.T) {
	d := openUnder(t, strict(t))
	refused := d.Want(400, "claim-without-payment", withoutProofs)
	require.Equal(t, []any{"missing_fields", []any{"payment", "claim.attachments"}}, []any{refused.Fields["code"], refused.Fields["fields"]})
	require.Empty(t, d.sent.messages)
	d.opens("claim")
	d.opens("outage")
	d.opens("duplicate-charge") // of a kind that is not offered, no more than of any
}

func TestAClaimThatWasTakenIsAnsweredAsBeforeWhateverThePolicyHasComeToDemand(t *testing.T) {
	d := open(t)
	first := d.Want(202, "claim-without-payment", withoutProofs)
	d = d.under(strict(t))
	again := d.Want(202, "claim-without-payment", withoutProofs)
	require.Equal(t, []any{first.Fields, true}, []any{again.Fields, again.Replayed})
	require.Equal(t, httptest.Refusal{409, "idempotency_key_reused", nil}, d.Ask("claim-without-payment").Refusal(), "the key is that claim's")
}
