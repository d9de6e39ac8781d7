package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdk "github.com/stripe/stripe-go/v85"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/refund"
)

// private is what may stand in no evidence.
var private = []string{"alice@example.com", "my own words", "staff's own words", "worker's own words"}

// story is a payment with uses, a refund, a dispute, a like purchase before it, and cases; it
// returns the case that was declined.
func (r *running) story() (declined string) {
	r.happens(bought{customer: "alice", ago: 62 * time.Minute}.of("pi_0"), bought{customer: "alice"}.of("pi_1"))
	r.happens(refunded("pi_1", "re_1", "succeeded", 100), disputed("pi_1", "dp_1", "needs_response", 400))
	lot, other := string(payment.ID("pi_1").Lot()), string(payment.ID("pi_0").Lot())
	at := func(minutes int) time.Time {
		return time.Now().Add(time.Duration(minutes) * time.Minute).UTC().Truncate(time.Second)
	}
	row := func(minutes int, cause, generation, paid string, amount int64) {
		from, to := ledger.Accounts(ledger.Movement(cause))
		r.rows = append(r.rows, api.StatementEntry{
			ID: fmt.Sprintf("ent_%d", len(r.rows)), At: api.MomentOf(at(minutes)), Cause: cause, Reason: "some_reason", From: string(from), To: string(to),
			Amount: amount, Generation: generation, Payment: paid,
		})
	}
	made := func(id, state string, refunded int64, draws ...api.Draw) {
		finished := at(10)
		r.made[id] = api.Generation{
			ID: id, Customer: "alice", Feature: "upscale", Platform: "ios", Outputs: 2, State: state, Price: 6, Refunded: refunded, StartedAt: api.MomentOf(at(5)),
			FinishedAt: &finished, Draws: draws, Model: "my own words",
		}
	}
	made("gen_both", "captured", 3, api.Draw{Lot: other, Credits: 2}, api.Draw{Lot: lot, Credits: 4})
	made("gen_own", "captured", 0, api.Draw{Lot: lot, Credits: 6})
	made("gen_failed", "released", 0, api.Draw{Lot: lot, Credits: 6})
	made("gen_other", "captured", 0, api.Draw{Lot: other, Credits: 6})
	failed := r.made["gen_failed"]
	failed.Failure = &api.Failure{Cause: "platform", Code: "timeout", Message: "worker's own words"}
	r.made["gen_failed"] = failed
	row(9, "clawback", "", "pi_1", 10) // newest first
	row(8, "refund", "gen_both", "", 3)
	for _, id := range []string{"gen_both", "gen_own", "gen_other"} {
		row(7, "capture", id, "", 6)
		row(5, "hold", id, "", 6)
	}
	row(6, "release", "gen_failed", "", 6)
	row(5, "hold", "gen_failed", "", 6)
	row(1, "grant", "", "pi_1", 50)
	row(-70, "grant", "", "pi_0", 50)
	declined = string(refund.NewCaseID(ledger.CustomerID("alice").Key(), "change_of_mind", "pi_1"))
	revision := r.policy
	for id, c := range map[string]api.Case{
		declined: {Kind: "change_of_mind", Payment: "pi_1", State: "declined", Decision: &api.Decision{
			Outcome: "declined", Clause: "G3.1", Reason: "Used credits are not paid back.",
			Policy: api.PolicyRef{Name: revision.Name, Revision: revision.Revision, Digest: revision.Digest},
		}, Ruling: &api.Ruling{Note: "staff's own words"}},
		"cas_use": {Kind: "bad_result", Generation: "gen_own", State: "received"},
		"cas_not": {Kind: "bad_result", Generation: "gen_other", State: "received"},
	} {
		c.ID, c.Customer, c.OpenedAt = id, "alice", api.MomentOf(at(20))
		c.Asked = &api.Asked{Description: "my own words", Claim: &api.Claim{Email: "alice@example.com", Reason: "my own words"}}
		c.History = []api.CaseEvent{{At: api.MomentOf(at(20)), State: "received", Note: "my own words"}, {At: api.MomentOf(at(21)), State: c.State, Actor: "staff", Note: "staff's own words"}}
		r.cases[id] = c
	}
	return declined
}

// wrote calls evidence, and returns the record and the page that it wrote.
func (r *running) wrote(about string) (record, page string) {
	r.t.Helper()
	folder := filepath.Join(r.t.TempDir(), "deep", "down")
	got := call("", "evidence", about, "--out", folder, "--json")
	require.Equal(r.t, exitDone, got.code, got.err)
	assert.NotContains(r.t, got.err, "makegood: ", "nothing but how far it is, on a slow machine")
	var written writtenFiles
	require.NoError(r.t, json.Unmarshal([]byte(got.out), &written))
	require.Len(r.t, written.Files, 2)
	for _, name := range written.Files {
		assert.Equal(r.t, folder, filepath.Dir(name))
		info, err := os.Stat(name)
		require.NoError(r.t, err)
		assert.Equal(r.t, os.FileMode(0o600), info.Mode().Perm())
	}
	return read(r.t, written.Files[0]), read(r.t, written.Files[1])
}

func TestEvidenceSaysWhatTheLedgerKnowsOfAPayment(t *testing.T) {
	r := runs(t)
	declined := r.story()
	record, page := r.wrote("pi_1")
	var e map[string]any
	require.NoError(t, json.Unmarshal([]byte(record), &e))
	detail := e["detail"].(map[string]any)

	var used []string
	for _, one := range detail["use"].([]any) {
		use := one.(map[string]any)
		used = append(used, fmt.Sprint(use["generation"], " ", use["drawn"]))
	}
	assert.ElementsMatch(t, []string{"gen_both 4", "gen_own 6", "gen_failed 6"}, used, "and not what another purchase paid for")
	assert.Equal(t, map[string]any{"granted": 50.0, "used": 7.0, "taken": 50.0, "owed": 0.0}, detail["credits"],
		"of the refund of gen_both nobody knows which lot got it: at least 1 of its 4 was used")
	assert.Len(t, detail["statement"], 9)
	assert.Len(t, detail["refunds"], 1)
	assert.Len(t, detail["disputes"], 1)
	assert.Equal(t, "alice", detail["customer"])
	assert.Equal(t, r.policy.Digest, detail["policy"].(map[string]any)["digest"])
	assert.Equal(t, map[string]any{"currency": "USD", "minor": 500.0}, detail["gone_back"])

	var cases []string
	for _, one := range detail["cases"].([]any) {
		cases = append(cases, one.(map[string]any)["id"].(string))
	}
	assert.Equal(t, []string{"cas_use", declined}, cases, "the other way round than the stack lists them")
	assert.Contains(t, e["product_description"], `Package "starter": 50 credits`)
	assert.Contains(t, e["product_description"], "Price 5.00 USD, paid 5.00 USD")
	assert.Contains(t, e["access_activity_log"], "upscale on ios, 2 asked for, 4 credits drawn: captured, finished ")
	assert.Contains(t, e["refund_policy_disclosure"], "goopter, revision 2026-02-13, "+r.policy.Digest)
	assert.Contains(t, e["refund_policy_disclosure"], "\nG3.1: ")
	assert.NotContains(t, e["refund_policy_disclosure"], "\nX3: ", "the customer was shown the published text")
	assert.Contains(t, e["refund_refusal_explanation"], "declined. Used credits are not paid back. Clause G3.1 of the policy says: \"Credits that have")
	assert.Equal(t, "pi_0", e["duplicate_charge_id"])
	assert.Contains(t, e["duplicate_charge_explanation"], "gave 50 credits of its own")
	assert.Contains(t, e["uncategorized_text"], "Refund re_1 of 1.00 USD: succeeded.")

	words := textOf(t, page)
	for _, text := range []string{
		"Payment pi_1", "starter, 50 credits", "5.00 USD", "gen_both", "gen_failed", "released (platform, timeout)", "clawback", "re_1", "dp_1",
		"needs response", "pi_0", declined, "declined on", "under clause G3.1 (goopter, revision 2026-02-13)", "change of mind", r.policy.Digest,
	} {
		assert.Contains(t, words, text)
	}
	assert.NotContains(t, words, "gen_other")
	for _, secret := range append(private, operatorKey) {
		assert.NotContains(t, record, secret)
		assert.NotContains(t, page, secret)
	}
}

func TestEvidenceShowsEachVerdictWithTheRulesTriedAndTheFacts(t *testing.T) {
	r := runs(t)
	declined := r.story()
	kept := decidedCase(t, "cas_1", march)
	shown := r.cases[declined]
	shown.Verdicts = view.Verdicts(kept)
	unkept := shown.Verdicts[0]
	unkept.Basis = nil
	shown.Verdicts = append(shown.Verdicts, unkept)
	r.cases[declined] = shown
	record, page := r.wrote("pi_1")
	words := textOf(t, page)
	for _, text := range []string{
		"Verdict 1, in review under R8. Rules tried: rule 1 (R10), rule 2 (R10), rule 3 (R9)", "(R8), which matched.",
		"generation price 4, generation status succeeded, generation surface editor, kind bad_result",
		"Verdict 2, approved under R2, by our team on 1 March 2026, 12:00:00 UTC.",
		"Verdict 3, in review under R8. Rules tried:", "The facts that it rests on are not on record.",
	} {
		assert.Contains(t, words, text)
	}
	assert.Contains(t, record, `"price": 4`)
	assert.NotContains(t, record+page, "six fingers")
}

func TestAPolicyThatCameAfterThePurchaseIsNotSaidToHaveBeenInForce(t *testing.T) {
	r := runs(t)
	r.happens(bought{customer: "alice"}.of("pi_1"), bought{customer: "alice"}.of("pi_2"))
	r.edits["pi_1"] = func(p *payment.Payment) { p.Purchase.PaidAt = time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC) }
	record, page := r.wrote("pi_1")
	for _, text := range []string{record, textOf(t, page)} {
		assert.Contains(t, text, "took effect after the purchase was paid, on 1 June 2025. It is the first revision on record, and older purchases are judged by it.")
		assert.NotContains(t, text, "was in force")
	}
	record, page = r.wrote("pi_2")
	for _, text := range []string{record, textOf(t, page)} {
		assert.Contains(t, text, "was in force when the purchase was paid")
		assert.NotContains(t, text, "took effect")
	}
}

func TestEvidenceOfACaseIsThatOfItsPayment(t *testing.T) {
	r := runs(t)
	declined := r.story()
	use := string(refund.NewCaseID(ledger.CustomerID("alice").Key(), "bad_result", "gen_both/0"))
	r.cases[use] = api.Case{ID: use, Customer: "alice", Kind: "bad_result", Generation: "gen_own"}
	for _, about := range []string{declined, use} {
		record, page := r.wrote(about)
		assert.Contains(t, record, `"payment": "pi_1"`)
		assert.Contains(t, record, `"about": "`+about+`"`)
		assert.Contains(t, textOf(t, page), "asked for by case "+about)
	}
	stranger := r.cases[declined]
	stranger.Customer = "mallory"
	r.cases[declined] = stranger
	got := call("", "evidence", declined, "--out", t.TempDir())
	assert.Equal(t, exitUndone, got.code)
	assert.Contains(t, got.err, "another customer's")
	assert.Empty(t, got.out)
}

func TestWhatIsNotOnRecordIsNoEvidence(t *testing.T) {
	r := runs(t)
	r.heard(refunded("pi_refund", "re_1", "succeeded", 100))
	nowhere := string(refund.NewCaseID(ledger.CustomerID("alice").Key(), "outage", "x"))
	none := string(refund.NewCaseID(ledger.CustomerID("alice").Key(), "outage", "y"))
	r.cases[none] = api.Case{ID: none, Customer: "alice"}
	for about, want := range map[string]string{
		"pi_none": `payment "pi_none" is not on record`, "pi_refund": "of payment pi_refund no purchase is on record", nowhere: "case " + nowhere + " is not on record",
		none: "is about no payment: name the payment", "..": "is not on record",
	} {
		folder := t.TempDir()
		got := call("", "evidence", "--out", folder, about)
		assert.Equal(t, exitUndone, got.code, about)
		assert.Contains(t, got.err, want)
		left, err := os.ReadDir(folder)
		require.NoError(t, err)
		assert.Empty(t, left)
	}
}

func TestAPaymentThatGrantedNothingHasEvidenceToo(t *testing.T) {
	r := runs(t)
	r.happens(bought{pack: "gold", customer: "alice@example.com"}.of("pi_parked"))
	record, page := r.wrote("pi_parked")
	assert.NotContains(t, record, "alice@example.com", "an app may name its customers so")
	assert.NotContains(t, page, "alice@example.com")
	words := textOf(t, page)
	for _, text := range []string{"Credits added none", "No generation drew on it.", "No movement is on record.", "No refund and no dispute is on record.", "Nobody asked"} {
		assert.Contains(t, words, text)
	}
}

func TestTheFieldsOfEvidenceAreThoseOfStripesForm(t *testing.T) {
	r := runs(t)
	r.story()
	record, _ := r.wrote("pi_1")
	var ours, theirs map[string]any
	require.NoError(t, json.Unmarshal([]byte(record), &ours))
	form, err := json.Marshal(sdk.DisputeEvidence{})
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(form, &theirs))
	delete(ours, "detail")
	assert.Len(t, ours, 8)
	for field, value := range ours {
		assert.Contains(t, theirs, field)
		assert.IsType(t, theirs[field], value, field)
	}
}

func TestLongUseIsCutToTheFieldAndKeptInTheDetail(t *testing.T) {
	r := runs(t)
	r.happens(bought{customer: "alice"}.of("pi_1"))
	lot, now := string(payment.ID("pi_1").Lot()), time.Now().Add(time.Minute)
	for n := range 2003 {
		id := fmt.Sprintf("gen_%d", n)
		r.made[id] = api.Generation{ID: id, Feature: "upscale", Platform: "web", Outputs: 1, State: "captured", Price: 3, Draws: []api.Draw{{Lot: lot, Credits: 3}}}
		r.rows = append(r.rows, api.StatementEntry{ID: id, At: api.MomentOf(now), Cause: "hold", Amount: 3, Generation: id},
			api.StatementEntry{ID: id + "c", At: api.MomentOf(now), Cause: "capture", Amount: 3, Generation: id})
	}
	record, _ := r.wrote("pi_1")
	var e struct {
		Log    string `json:"access_activity_log"`
		Detail struct {
			Use     []any
			Unread  int `json:"unread_generations"`
			Credits struct{ Used int }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(record), &e))
	assert.Len(t, e.Detail.Use, 2000)
	assert.Equal(t, 3, e.Detail.Unread)
	assert.Equal(t, 50, e.Detail.Credits.Used, "no more than it gave, whoever's credits joined its lot")
	assert.LessOrEqual(t, len(e.Log), 20_000)
	assert.Greater(t, len(e.Log), 19_000)
	assert.Regexp(t, `\nAnd \d+ more, left out here for want of room\.$`, e.Log)
}

func TestTheStatementIsReadAsFarBackAsThePurchase(t *testing.T) {
	r := runs(t)
	r.story()
	for n := range 100 {
		r.rows = append(r.rows, api.StatementEntry{ID: fmt.Sprint("old_", n), At: api.MomentOf(time.Now().Add(-100 * time.Hour)), Payment: "pi_1", Amount: 1})
	}
	record, _ := r.wrote("pi_1")
	assert.NotContains(t, record, "old_")
	pages := 0
	for _, asked := range r.calls {
		if strings.Contains(asked, "/statement") {
			pages++
		}
	}
	assert.Less(t, pages, 10)
}

func TestCreditsThatJoinedAnotherLotAreSaidTo(t *testing.T) {
	r := runs(t)
	r.story()
	r.edits["pi_1"] = func(p *payment.Payment) { p.Clawback.Lot.ID = payment.ID("pi_0").Lot() }
	before := r.made["gen_other"]
	before.ID = "gen_before"
	r.made["gen_before"] = before
	r.rows = slices.Insert(r.rows, len(r.rows)-1, api.StatementEntry{ID: "x", At: api.MomentOf(time.Now().Add(-time.Minute)), Cause: "hold", Generation: "gen_before", Amount: 6})
	record, page := r.wrote("pi_1")
	assert.Contains(t, record, `"joined_lot": true`)
	assert.Contains(t, record, `"generation": "gen_other"`)
	assert.NotContains(t, record, "gen_before", "what was made before the purchase is no use of it")
	assert.Contains(t, textOf(t, page), "The credits joined those of an earlier purchase")
}

func TestADecisionIsDatedAndQuotedByItsOwnRevision(t *testing.T) {
	r := runs(t)
	declined := r.story()
	c := r.cases[declined]
	paid := money.Amount{Currency: "USD", Minor: 250}
	c.State, c.Decision.Outcome, c.Decision.Remedy = "closed", "approved", &api.Remedy{Money: &paid, To: "payment_method"}
	c.History = nil
	for n, state := range []string{"received", "in_review", "paying", "closed"} {
		c.History = append(c.History, api.CaseEvent{At: api.MomentOf(time.Date(2026, 3, 1+n, 12, 0, 0, 0, time.UTC)), State: state})
	}
	r.cases[declined] = c
	record, page := r.wrote("pi_1")
	assert.Contains(t, record, `"decided_at": "2026-03-03T12:00:00Z"`)
	assert.NotContains(t, record, "refund_refusal_explanation")
	assert.Contains(t, textOf(t, page), "approved on 3 March 2026, 12:00:00 UTC under clause G3.1")
	assert.Contains(t, textOf(t, page), "Given back: 2.50 USD, to the payment method")

	assert.Equal(t, 2, strings.Count(page, "Credits that have already been used"), "in the case, and in the policy")
	c.Decision.Policy.Digest = "sha256:other"
	_, page = r.wrote("pi_1")
	assert.Equal(t, 1, strings.Count(page, "Credits that have already been used"), "nothing is quoted that another revision says")
}
