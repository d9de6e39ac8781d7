package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// offering returns the languages file with claims of its own.
func offering(t *testing.T, claims string) (policy.Revision, error) {
	t.Helper()
	return policyfile.Parse("offering.yaml", []byte(read(t, "testdata/working_languages.yaml")+claims))
}

// kindsOf are the kinds of forms, in their order.
func kindsOf(forms []policy.ClaimForm) (kinds []policy.Kind) {
	for _, form := range forms {
		kinds = append(kinds, form.Kind)
	}
	return kinds
}

func TestAFileThatOffersClaimsSaysWhichInWhatWordsAndWhatTheyNeed(t *testing.T) {
	rev, err := offering(t, "claims:\n  - {kind: outage, label: {en: It was down, de: Es ging nicht}}\n  - {kind: duplicate_charge, label: Twice, needs: [attachments, payment]}\n")
	require.NoError(t, err)
	four := []policy.ClaimField{policy.ClaimFieldEmail, policy.ClaimFieldPaidAt, policy.ClaimFieldAmount, policy.ClaimFieldReason}
	require.Equal(t, []policy.ClaimForm{
		{Kind: policy.KindOutage, Label: "It was down", Needs: four, Takes: []policy.ClaimField{policy.ClaimFieldPayment, policy.ClaimFieldTransactionIDs, policy.ClaimFieldAttachments}},
		{Kind: policy.KindDuplicateCharge, Label: "Twice", Needs: append(four[:4:4], policy.ClaimFieldPayment, policy.ClaimFieldAttachments), Takes: []policy.ClaimField{policy.ClaimFieldTransactionIDs}},
	}, rev.ClaimForms())
	require.Contains(t, rev.ClaimNeeds(policy.KindDuplicateCharge), policy.ClaimFieldPayment)
	require.Equal(t, four, rev.ClaimNeeds(policy.KindOutage))
	require.Equal(t, four, rev.ClaimNeeds(policy.KindChangeOfMind), "what is not offered is taken as any")
	german, _ := rev.In("de")
	require.Equal(t, "Es ging nicht", german.ClaimForms()[0].Label)
	require.Equal(t, "Twice", german.ClaimForms()[1].Label)
	require.Equal(t, "It was down", rev.ClaimForms()[0].Label, "the revision itself is as it was")
}

func TestAFileWithoutClaimsOffersTheKindsThatItRulesOnInThePagesOrder(t *testing.T) {
	for name, kinds := range map[string][]policy.Kind{
		"goopter":    {policy.KindNotCredited, policy.KindDuplicateCharge, policy.KindOutage, policy.KindChangeOfMind},
		"popcustoms": {policy.KindDuplicateCharge, policy.KindAbnormalCharge},
		// Nothing of its page is about a purchase: a person decides on any.
		"photoroom": {policy.KindDuplicateCharge, policy.KindNotCredited, policy.KindOutage, policy.KindAbnormalCharge, policy.KindChangeOfMind},
	} {
		forms := shipped(t, name).ClaimForms()
		require.Equal(t, kinds, kindsOf(forms), name)
		for _, form := range forms {
			require.NotEmpty(t, form.Label, name)
			require.Len(t, form.Needs, 4, name)
			require.Len(t, form.Takes, 3, name)
		}
	}
}

func TestAKindThatOnlyAPersonMayGrantStandsWhereItsClauseDoes(t *testing.T) {
	source := strings.Replace(read(t, "testdata/working_languages.yaml"), "  outage:\n", "  abnormal_charge:\n    - {clause: T2, answer: in_review}\n  outage:\n", 1)
	rev, err := policyfile.Parse("reviewed.yaml", []byte(source))
	require.NoError(t, err)
	require.Equal(t, []policy.Kind{policy.KindAbnormalCharge, policy.KindOutage}, kindsOf(rev.ClaimForms()))
}

func TestClaimsThatMakeNoSenseAreFaultsOfTheFile(t *testing.T) {
	for claims, want := range map[string]string{
		"{kind: bad_result, label: Bad}":                           `claims[0].kind: unknown word "bad_result"`,
		"{kind: outage}":                                           "claims[0].label: is missing",
		"{kind: outage, label: \"{credits}\"}":                     "claims[0].label: {credits} cannot be filled here",
		"{kind: outage, label: {de: Weg}}":                         "claims[0].label: has no English",
		"{kind: outage, label: Down, needs: [email]}":              `claims[0].needs[0]: unknown word "email"`,
		"{kind: outage, label: Down}, {kind: outage, label: Down}": `claims[1].kind: "outage" stands here twice`,
		"{kind: outage, label: Down, needs: [payment, payment]}":   `claims[0].needs[1]: "payment" stands here twice`,
		"{kind: outage, label: Down, needs: []}":                   "claims[0].needs: must name at least one of",
	} {
		_, err := offering(t, "claims: ["+claims+"]\n")
		require.ErrorContains(t, err, want)
	}
}

func TestALabelOfAClaimThatLacksALanguageIsNoted(t *testing.T) {
	noted := func(claims string) map[string]string {
		rev, err := offering(t, claims)
		require.NoError(t, err)
		fields := map[string]string{}
		for _, note := range rev.Notes() {
			fields[note.Field] = note.Message
		}
		return fields
	}
	require.Equal(t, "has no de, pt-BR: English is read instead", noted("")["claims"])
	own := noted("claims: [{kind: outage, label: {en: Down, de: Weg}}]\n")
	require.Equal(t, "has no pt-BR: English is read instead", own["claims[0].label"])
	require.NotContains(t, own, "claims")
}
