package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

func TestAClaimNamesWhatThePolicyInForceDemandsOfItsKind(t *testing.T) {
	published, err := os.ReadFile("../../shared/policy/published/goopter/2026-02-13.yaml")
	require.NoError(t, err)
	demands := "claims:\n  - {kind: not_credited, label: No credits came, needs: [attachments, payment]}\n  - {kind: outage, label: It was down}\n"
	revision, err := policyfile.Parse("strict.yaml", append(published, demands...))
	require.NoError(t, err)
	strict, err := policy.New(revision)
	require.NoError(t, err)
	d := openUnder(t, strict)
	refused := d.Want(400, "claim-without-payment", func(event map[string]any) {
		event["body"] = strings.Replace(event["body"].(string), `,"attachments":["https://files.example.com/receipt.pdf"]`, "", 1)
	})
	require.Equal(t, []any{"missing_fields", []any{"payment", "claim.attachments"}}, []any{refused.Fields["code"], refused.Fields["fields"]})
	require.Empty(t, d.sent.messages)
	d.opens("claim")
	d.opens("outage")
	d.opens("duplicate-charge") // of a kind that is not offered, no more than of any
}
