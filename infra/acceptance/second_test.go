package acceptance_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/planting"
)

// The functions are built with a policy that has the section: no shipped one does.
func TestMoneyAboveThePolicysLimitMovesOnceAfterTwoPeopleSaidSo(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the functions anew")
	}
	module := planting.New(t)
	module.Replace("shared/policy/published/photoroom/2026-01-01.yaml", "response: ", "second_person: {appeals: true, money_above: {USD: 299}}\nresponse: ")
	module.Run("go", "generate", "./shared/policy")
	two, err := local.Start(t.Context(), local.Options{
		Root: module.Dir, Policy: usual, Endpoints: street.services, Prefix: fmt.Sprintf("second-%d-", os.Getpid()), ManualSchedules: true, LogDir: t.TempDir(), Log: os.Stderr,
	})
	require.NoError(t, err)
	defer two.Stop()
	before := stack
	stack = two
	defer func() { stack = before }()

	alice, payment, caseID := claimed(t)
	answers := func(key string, answer object, want int) object {
		t.Helper()
		got := ask(t, "POST", "/v1/cases/"+caseID+"/proposal", key, answer)
		require.Equal(t, want, got.status, "%v", got.body)
		return got.body
	}
	proposes := func() (proposal string) {
		t.Helper()
		verdict := with(object{"note": "the bank shows it"}, threeDollars())
		proposed := asStaff(t, "POST", "/v1/cases/"+caseID+"/verdict", verdict, 202)
		require.Equal(t, "in_review", proposed["state"])
		require.Equal(t, "proposed", asStaff(t, "POST", "/v1/cases/"+caseID+"/verdict", verdict, 409)["code"])
		return proposed["proposal"].(string)
	}
	first := proposes()
	assert.Equal(t, true, asStaff(t, "POST", "/v1/cases/"+caseID+"/preview", threeDollars(), 200)["second_person"])
	assert.Equal(t, "same_person", answers(local.OperatorKey, object{"proposal": first, "answer": "confirmed"}, 409)["code"])
	answers(local.OperatorKey2, object{"proposal": first, "answer": "sent_back", "note": "which statement?"}, 200)
	assert.Equal(t, "proposal_gone", answers(local.OperatorKey2, object{"proposal": first, "answer": "confirmed"}, 409)["code"])

	second := proposes()
	sweep(t)
	waiting := onDesk(t, caseID)
	require.NotNil(t, waiting, "it waits as before")
	require.Equal(t, []any{"operator", second}, []any{waiting["proposed"].(object)["by"], waiting["proposed"].(object)["proposal"]})
	require.Zero(t, stack.Provider.RefundedMinor(payment))
	require.Len(t, statement(t, alice), 1, "her purchase, and nothing else")
	require.Nil(t, matter(t, caseID)["proposed"], "the app does not see it")

	confirmed := object{"proposal": second, "answer": "confirmed"}
	require.Equal(t, "paying", answers(local.OperatorKey2, confirmed, 200)["state"])
	require.Equal(t, "paying", answers(local.OperatorKey2, confirmed, 200)["state"], "sent twice, it is one answer")
	paidBack(t, alice, payment, caseID)
	ruling := asStaff(t, "GET", "/v1/cases/"+caseID, nil, 200)["ruling"].(object)
	require.Equal(t, []any{"operator", "operator-2"}, []any{ruling["by"], ruling["confirmed_by"]})

	// A decline gives no money back: one person gives it.
	_, _, caseID = claimed(t)
	rule(t, caseID, object{"outcome": "declined"})
	decided(t, caseID, "declined", "X3")
}
