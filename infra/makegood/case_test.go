package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
	"makegood/shared/money"
)

// disappointed plays a report that staff approved, whose money is on its way.
func (r *running) disappointed() string {
	at := func(minutes int) api.Moment {
		return api.MomentOf(time.Date(2026, 3, 1, 12, minutes, 0, 0, time.UTC))
	}
	r.rowAt(0, "grant", "purchase", "issued", "available", 50, "", "pi_1")
	r.rowAt(1, "hold", "generation_started", "available", "held", 6, "gen_1")
	r.rowAt(2, "hold", "generation_started", "available", "held", 6, "gen_2")
	r.rowAt(9, "refund", "bad_result", "spent", "available", 3, "gen_1", "", "cas_1")
	by := at(60).Time
	usd := money.Amount{Currency: "USD", Minor: 500}
	decision := api.Decision{
		Outcome: "approved", Clause: "G3.1", Rule: 2, Reason: "Sorry about that.", Remedy: &api.Remedy{Credits: 3, To: "balance"}, PayBy: &by,
		Policy: api.PolicyRef{Name: r.policy.Name, Revision: r.policy.Revision, Digest: r.policy.Digest},
	}
	r.cases["cas_1"] = api.Case{
		ID: "cas_1", Kind: "bad_result", Customer: "alice", Generation: "gen_1", Output: new(0), State: "approved", OpenedAt: at(5),
		Asked:    &api.Asked{Description: "three arms", Issue: "distortion", Region: &api.Region{X: 620, Y: 80, Width: 250, Height: 400}, Attachments: []api.CaseAttachment{{MediaType: "application/pdf", Bytes: 1234}}},
		Decision: &decision, Verdicts: []api.KeptVerdict{{Decision: api.Decision{Outcome: "in_review", Clause: "G3.2", Policy: decision.Policy}}, {Decision: decision}},
		Ruling: &api.Ruling{Outcome: "approved", Note: "so I see", By: "ann", At: at(8)}, Notice: "refunded",
		Evidence: &api.CaseEvidence{
			At: new(at(6)), Verdict: "unusable", Defects: []string{"blank"}, Prompt: "a cat\x1b[2J", Asked: &api.AskedSize{Width: 1024, Height: 768},
			Output:   &api.EvidencePicture{URL: "https://bucket.example/output", Sha256: "00ff", Bytes: 1234, Format: "png", Size: &api.AskedSize{Width: 8, Height: 9}},
			Signals:  []api.EvidenceSignal{{Name: "blank", Version: 1, Value: 0.5, Threshold: 4, Present: true, Decides: true, Sentence: "It shows nothing."}},
			Problems: []string{"The input could not be judged. The app named no picture."}, Similar: []api.SimilarCase{{Case: "cas_8", Equal: true, Unusable: true}},
			Opinion: &api.EvidenceOpinion{Outcome: "budget_spent", Sentence: "The budget is spent."}, Examples: []string{"https://app.example/good.png"},
		},
		Facts: &api.CaseFacts{
			Generation: &api.Generation{ID: "gen_1", Feature: "upscale", Platform: "ios", State: "captured", Price: 6, StartedAt: at(1)},
			Payment: &api.Payment{
				ID: "pi_1", Promised: []api.Promise{{Case: "cas_1", Amount: usd, Money: true, Progress: "pending"}},
				Refunds: []api.ProviderRefund{{ID: "re_1", Amount: usd, Status: "pending", Case: "cas_1"}, {ID: "re_2", Amount: usd, Status: "failed", Case: "cas_9"}},
			},
		},
		History: []api.CaseEvent{{At: at(5), State: "received", Actor: "app"}, {At: at(9), State: "approved", Actor: "staff", By: "ann", Note: "so I see"}},
	}
	return "cas_1"
}

func TestTheWholeLifeOfACaseIsPrinted(t *testing.T) {
	r := runs(t)
	got := call("", "case", r.disappointed())
	assert.Equal(t, exitDone, got.code, got.err)
	for _, want := range []string{
		"cas_1: bad result of alice, approved\n",
		"\nAsked\n  2026-03-01 12:05:00  opened\n  about generation gen_1, output 0\n  upscale on ios for 6 credits, captured\n  \"three arms\"\n  issue: distortion\n  where: 250 × 400 from 620, 80, in thousandths of the picture\n" +
			"  attached: application/pdf, 1234 bytes (the console shows it)\n",
		"\nSeen\n  prompt: \"a cat\\x1b[2J\"\n  asked for: 1024 x 768\n  2026-03-01 12:06:00  looked at: unusable, by blank\n" +
			"  output: png, 8 x 9, 1234 bytes\n    https://bucket.example/output\n  The input could not be judged. The app named no picture.\n" +
			"  [decides] blank (0.5 of 4, version 1): It shows nothing.\n  a model's opinion (budget spent): The budget is spent.\n" +
			"  cas_8: the same byte for byte, found unusable\n  the policy's example: https://app.example/good.png\n",
		"\nDecided\n  in review by clause G3.2 of goopter 2026-02-13\n",
		"  approved by clause G3.1, rule 2 of goopter 2026-02-13: 3 credits to the balance\n    the clause: \"Credits that have",
		"    the customer reads: \"Sorry about that.\"\n  2026-03-01 12:08:00  staff (ann) ruled approved: \"so I see\"\n",
		"\nMoved\n  2026-03-01 12:01:00  6 credits set aside (generation gen_1)\n  2026-03-01 12:09:00  3 credits that were spent given back (generation gen_1, case cas_1): a bad result\n" +
			"  refund re_1 of 5.00 USD: pending\n",
		"\nStill owed\n  5.00 USD is on its way back, promised by 2026-03-01 13:00:00\n  the customer is to be notified of the verdict\n",
		"\nNotice\n  refunded, not sent yet\n",
		"\nHistory\n  2026-03-01 12:05:00  received, by app\n  2026-03-01 12:09:00  approved, by staff (ann): \"so I see\"\n",
	} {
		assert.Contains(t, got.out, want)
	}
	assert.NotContains(t, got.out, "gen_2", "what is about something else is left out")
}

func TestWhatTheSweepGaveUpOfACaseIsSaid(t *testing.T) {
	r := runs(t)
	id := r.disappointed()
	r.gaveUp()
	got := call("", "case", id)
	assert.Equal(t, exitMismatch, got.code)
	assert.Contains(t, got.out, "  case cas_1 is stuck since 2026-03-01 12:00:00 after 12 attempts: the customer is to be notified\n")
	assert.NotContains(t, got.out, "pi_1 is stuck", "the case is not about that payment")
	var l life
	require.NoError(t, json.Unmarshal([]byte(call("", "case", id, "--json").out), &l))
	assert.Equal(t, []int{2, 1, 3, 1}, []int{len(l.Entries), len(l.Refunds), len(l.Owed), len(l.Stuck)})
}

func TestACaseThatIsToldAndPaidOwesNothing(t *testing.T) {
	r := runs(t)
	id := r.disappointed()
	c := r.cases[id]
	c.ToldAt = &c.History[1].At
	c.Facts.Payment.Promised[0].Progress = "paid"
	r.cases[id] = c
	got := call("", "case", id)
	assert.Contains(t, got.out, "\nStill owed\n  nothing\n\nNotice\n  2026-03-01 12:09:00  refunded\n")
	var l life
	require.NoError(t, json.Unmarshal([]byte(call("", "case", id, "--json").out), &l))
	assert.NotNil(t, l.Owed)
	assert.Empty(t, l.Owed)
}

func TestACaseSaysWhatIsProposedAndWhoConfirmedIt(t *testing.T) {
	r := runs(t)
	id := r.disappointed()
	c := r.cases[id]
	ruled := *c.Ruling
	c.State, c.Proposed, c.Ruling = "in_review", &ruled, nil
	r.cases[id] = c
	got := call("", "case", id)
	assert.Contains(t, got.out, "staff (ann) proposed approved: \"so I see\"; it waits for a second person\n")
	assert.Contains(t, got.out, "\nStill owed\n  a second person's answer to what ann proposed on 2026-03-01 12:08:00")
	confirmed := ruled
	confirmed.ConfirmedBy = "bob"
	c.State, c.Proposed, c.Ruling = "approved", nil, &confirmed
	r.cases[id] = c
	assert.Contains(t, call("", "case", id).out, "staff (ann) ruled approved: \"so I see\", confirmed by bob\n")
}

func TestACaseThatWaitsSaysForWhom(t *testing.T) {
	r := runs(t)
	id := r.disappointed()
	c := r.cases[id]
	c.State, c.Ruling, c.Facts = "in_review", nil, nil
	c.Decision = &api.Decision{Outcome: "in_review", Clause: "G3.2", RespondBy: c.Decision.PayBy}
	r.cases[id] = c
	assert.Contains(t, call("", "case", id).out, "\nStill owed\n  a ruling of staff's, promised by 2026-03-01 13:00:00\n")
	c.State, c.Decision, c.Verdicts = "received", nil, nil
	r.cases[id] = c
	got := call("", "case", id).out
	assert.Contains(t, got, "\nDecided\n  nothing yet\n")
	assert.Contains(t, got, "\nStill owed\n  a verdict: nothing is decided yet\n")
}

func TestACaseThatIsNotOnRecordIsNotDone(t *testing.T) {
	runs(t)
	got := call("", "case", "cas_9")
	assert.Equal(t, exitUndone, got.code)
	assert.Contains(t, got.err, "no case cas_9 is on record")
	assert.True(t, strings.HasPrefix(got.err, "makegood: "))
}

func TestAGenerationMeansItsOnlyCase(t *testing.T) {
	r := runs(t)
	id := r.disappointed()
	for name, c := range map[string]struct {
		cases []string
		code  int
		want  string
	}{
		"its only case": {[]string{id}, exitDone, "cas_1: bad result of alice, approved\n"},
		"none":          {nil, exitUndone, "generation gen_1 of alice is captured, and has no case"},
		"several":       {[]string{id, "cas_2"}, exitUndone, "generation gen_1 has the cases cas_1, cas_2: name one"},
	} {
		r.made["gen_1"] = api.Generation{ID: "gen_1", Customer: "alice", State: "captured", Cases: c.cases}
		got := call("", "case", "gen_1")
		assert.Equal(t, c.code, got.code, name)
		assert.Contains(t, got.out+got.err, c.want, name)
	}
}

// TestNoTextOfACaseCommandsATerminal: a customer names ids in any characters.
func TestNoTextOfACaseCommandsATerminal(t *testing.T) {
	r := runs(t)
	id := r.disappointed()
	one := r.cases[id]
	one.Asked = &api.Asked{Claim: &api.Claim{Email: "a@example.com", TransactionIds: []string{"pi_1\x1b[2J\x1b]0;all is well\x07", "pi_2\nMoved"}}}
	r.cases[id] = one
	got := call("", "case", id)
	assert.Equal(t, exitDone, got.code, got.err)
	assert.NotContains(t, got.out, "\x1b")
	assert.Contains(t, got.out, "  ids that were named: pi_1[2J]0;all is well, pi_2Moved\n")
}
