package acceptance_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/sandbox"
	"makegood/infra/standin"
)

// built is the path of the command, which the first test that needs it builds.
var built = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(stack.Root(), ".build", "makegood")
	build := exec.Command("go", "build", "-o", binary, "./infra/makegood")
	build.Dir, build.Stderr = stack.Root(), os.Stderr
	return binary, build.Run()
})

// asking is the environment in which the command asks a stack and its provider.
func asking(s *local.Stack) []string {
	return append(os.Environ(), "MAKEGOOD_URL="+s.BaseURL, "MAKEGOOD_KEY="+local.OperatorKey,
		"STRIPE_API_URL="+s.Provider.URL, "STRIPE_KEY="+standin.ReadKey,
		"STANDARD_API_URL="+s.Provider.URL+"/standard", "STANDARD_WEBHOOK_SECRETS="+sandbox.StandardSecret)
}

// makegood runs the command against the stack and its provider, and returns what it printed and its
// exit code.
func makegood(t *testing.T, args ...string) (string, int) {
	t.Helper()
	binary, err := built()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), binary, args...)
	command.Env = asking(stack)
	return ended(t, command)
}

// ended runs a command to its end, and returns what it printed and how it exited.
func ended(t *testing.T, command *exec.Cmd) (string, int) {
	t.Helper()
	var complaints strings.Builder
	command.Stderr = &complaints
	out, err := command.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	t.Log(complaints.String())
	return string(out), command.ProcessState.ExitCode()
}

func TestReconcileFindsEachGapThatIsPlantedAndNothingElse(t *testing.T) {
	unheard := func(payment string) string {
		meets(t, payment, standin.Fault{Kind: standin.FaultWebhookLost})
		return payment
	}
	alice := unique("alice")
	bought := func() string { return purchase(t, alice, time.Now()) }
	want := map[string][]string{}
	gap := func(payment string, kinds ...string) { want[payment] = append(want[payment], kinds...) }

	missing, _ := planted(t, alice)
	gap(missing, "missing")
	half := unheard(bought())
	handed(t, half, 500)
	gap(half, "refund_unheard")
	failed := bought()
	refund := handed(t, failed, 500)
	require.NoError(t, stack.Provider.Settled(t.Context(), failed))
	moveRefund(t, refundOf(t, unheard(failed), refund), "failed")
	gap(failed, "refund_status")
	disputed := unheard(bought())
	dispute(t, disputed, "needs_response")
	gap(disputed, "dispute_unheard")
	lost := bought()
	dispute(t, lost, "needs_response")
	dispute(t, unheard(lost), "won")
	gap(lost, "dispute_status")
	parked := unique("pi")
	require.Equal(t, 200, tell(t, session(alice, parked, object{"amount_subtotal": 1, "amount_total": 1})).status)
	gap(parked, "waits")
	unpaid := unique("pi")
	require.Equal(t, 200, tell(t, session(alice, unpaid, object{"payment_status": "unpaid"})).status)
	paid := strings.Replace(string(session(alice, unpaid)), "checkout.session.completed", "checkout.session.async_payment_succeeded", 1)
	require.NoError(t, stack.Provider.Plant([]byte(paid)))
	gap(unpaid, "status", "waits")

	fine, back := bought(), bought() // a repeat that waits is no difference
	handed(t, back, 0)
	_, cased, caseID := claimed(t)
	rule(t, caseID, threeDollars())
	decided(t, caseID, "closed", "X3")
	for _, payment := range []string{fine, back, cased} {
		require.NoError(t, stack.Provider.Settled(t.Context(), payment))
		want[payment] = nil
	}

	out, code := makegood(t, "reconcile", "--json")
	require.Equal(t, 1, code, out)
	var differences []object
	require.NoError(t, json.Unmarshal([]byte(out), &differences))
	got := map[string][]string{}
	for payment := range want {
		got[payment] = nil
	}
	for _, difference := range differences {
		if payment := difference["payment"].(string); containsKey(want, payment) {
			got[payment] = append(got[payment], difference["difference"].(string))
		}
	}
	require.Equal(t, want, got)
	require.Equal(t, "unpaid", onRecord(t, unpaid)["waits"], "it changed nothing")

	soon(t, "the sweep hears what was not heard, some pages at a time", func() bool {
		time.Sleep(1100 * time.Millisecond) // a round begins anew
		sweep(t)
		out, _ = makegood(t, "reconcile")
		for payment, kinds := range want {
			if len(kinds) > 0 && payment != parked && strings.Contains(out, payment) {
				return false
			}
		}
		return true
	})
	require.Contains(t, out, parked, "which is for staff")
}

func containsKey[V any](all map[string]V, key string) bool {
	_, there := all[key]
	return there
}

// refundOf waits until the refund is on record, and returns it.
func refundOf(t *testing.T, payment, refund string) string {
	t.Helper()
	soon(t, "the refund is heard of", func() bool { return len(onRecord(t, payment)["refunds"].([]any)) == 1 })
	return refund
}

func TestEvidenceWritesWhatTheLedgerKnowsOfADisputedPayment(t *testing.T) {
	alice, payment, caseID := claimed(t)
	id := picture(t, alice, object{"outputs": 2})
	rule(t, caseID, object{"outcome": "declined"})
	decided(t, caseID, "declined", "X3")
	dispute(t, payment, "needs_response")
	wantBalance(t, alice, balance{owed: 8})

	for _, about := range []string{payment, caseID} {
		folder := t.TempDir()
		out, code := makegood(t, "evidence", about, "--out", folder)
		require.Zero(t, code, out)
		text, err := os.ReadFile(filepath.Join(folder, about+".json"))
		require.NoError(t, err)
		var form object
		require.NoError(t, json.Unmarshal(text, &form))
		detail := form["detail"].(object)
		require.Equal(t, []any{payment, alice}, []any{detail["payment"], detail["customer"]})
		require.Len(t, detail["statement"], 5, "granted, held, spent, taken back, and owed")
		require.Equal(t, id, detail["use"].([]any)[0].(object)["generation"])
		require.Equal(t, []any{8.0, caseID}, []any{detail["use"].([]any)[0].(object)["drawn"], detail["cases"].([]any)[0].(object)["id"]})
		require.Equal(t, policy, detail["policy"].(object)["name"])
		require.Contains(t, form["access_activity_log"], id)
		page, err := os.ReadFile(filepath.Join(folder, about+".html"))
		require.NoError(t, err)
		for _, shown := range []string{payment, id, caseID, "X3"} {
			require.Contains(t, string(page), shown)
		}
	}
	_, code := makegood(t, "evidence", unique("pi"), "--out", t.TempDir())
	require.Equal(t, 2, code)
	saysWhatHappened(t, alice, payment, caseID)
}

// saysWhatHappened holds that an operator reads the same in sentences: of a customer who owes what
// was spent of a disputed payment, and of the case about it that was declined.
func saysWhatHappened(t *testing.T, customer, payment, caseID string) {
	t.Helper()
	out, code := makegood(t, "statement", customer)
	require.Zero(t, code, out)
	require.Contains(t, out, "(payment "+payment+"): a purchase\n")
	require.Contains(t, out, "could not be taken back and are owed (payment "+payment+")")
	require.Contains(t, out, customer+": 5 entries add up to ")
	require.Contains(t, out, " owed, which is the balance; standing good\n")
	out, code = makegood(t, "case", caseID)
	require.Zero(t, code, out)
	for _, want := range []string{caseID + ": ", " of " + customer + ", declined\n", "about payment " + payment, "declined by clause X3", "\nStill owed\n  nothing\n"} {
		require.Contains(t, out, want)
	}
	out, code = makegood(t, "stuck", "--json")
	require.Contains(t, []int{0, 1}, code, "other tests may leave payments for staff")
	require.True(t, json.Valid([]byte(out)), out)
}
