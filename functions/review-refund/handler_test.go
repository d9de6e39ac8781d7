package main

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/audit"
	"makegood/shared/aws/http/httptest"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/storetest"
)

// desk is the function over a world in which alice bought 40 credits and made two pictures: one
// came, was reported and waits for staff, the other failed and was given back.
type desk struct {
	*storetest.World
	httptest.Client
	t        *testing.T
	reported refund.CaseID // what the fixtures name
}

func open(t *testing.T) desk {
	t.Helper()
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 40)
	w.Pass(time.Second)
	w.Settles(w.StartsUnder("alice", 1, "picture-2"), w.Failure(generation.CausePlatform))
	w.Deliver()
	picture := w.StartsUnder("alice", 1, "picture-1")
	came := w.Success(0)
	came.Outputs = []generation.Output{{URL: "https://images.example/hand.png", SHA256: "ab12", MediaType: "image/png"}}
	came.InputURL = "https://images.example/me.jpg"
	w.Settles(picture, came)
	w.Pass(time.Minute)
	d := over(t, w, w.Store)
	d.reported = d.reports(picture, 0, "the hand has six fingers")
	return d
}

// empty is the function over a world in which nothing has happened.
func empty(t *testing.T) desk {
	t.Helper()
	w := storetest.NewWorld(t, memory.New())
	return over(t, w, w.Store)
}

// linker makes links that name their object.
type linker struct{}

func (linker) Link(_ context.Context, key, _ string) (string, error) {
	return "https://kept.example/" + key, nil
}

// testMode is the mode whose payments count.
var testMode = false

// over returns the desk of a world whose list is read from a store.
func over(t *testing.T, w *storetest.World, list store) desk {
	t.Helper()
	photoroom, err := policy.Open("photoroom")
	require.NoError(t, err)
	h := handler{
		store: list,
		reviewer: refund.Reviewer{
			Store: w.Store, Policy: w.Policy, Requests: w,
		},
		standings: standing.Setter{Store: w.Store, Notices: w},
		looks:     audit.Auditor{Store: w.Store, Stops: func(at time.Time) policy.Stops { return photoroom.At(at).Evidence.Stops }},
		published: photoroom, links: linker{},
		payments: payment.Receiver{Store: w.Store, Rules: payment.Rules{Catalog: w, Livemode: &testMode}},
		outbox:   payment.Outbox{Requests: w, Settlements: w},
		now:      func() time.Time { return w.Now },
	}
	return desk{World: w, Client: httptest.New(t, "review-refund", h.now, h.routes), t: t}
}

// reports opens the case of an output, which photoroom sends to staff while nobody has looked at
// the picture.
func (d desk) reports(id generation.ID, output int, words string) refund.CaseID {
	d.t.Helper()
	opened, err := refund.Reporter{Store: d.Store, Assessments: d.World}.File(context.Background(), refund.Report{
		Generation: id, Output: output, Statement: refund.Statement{Description: words, Issue: policy.IssueDistortion},
		Principal: "app", Key: d.Key(), Actor: ledger.ActorApp,
	}, d.Now)
	require.NoError(d.t, err)
	d.Deliver()
	return opened.Case
}

// claims opens the case of a claim, which photoroom has no rule for.
func (d desk) claims(customer ledger.CustomerID, paid string) refund.CaseID {
	d.t.Helper()
	opened, err := refund.Claimer{Store: d.Store, Requests: d.World}.File(context.Background(), refund.Request{
		Kind: policy.KindAbnormalCharge, Customer: customer, Payment: paid, Principal: "app", Key: d.Key(), Actor: ledger.ActorApp,
		Claim: refund.Claim{Email: "a@example.com", PaidAt: d.Now, Amount: money.Amount{Currency: "USD", Minor: 1000}, Reason: "not mine"},
	}, d.Now)
	require.NoError(d.t, err)
	d.Deliver()
	return opened.Case
}

// gets demands a 200 and returns its body.
func (d desk) gets(fixture string, edits ...func(event map[string]any)) map[string]any {
	d.t.Helper()
	return d.Want(200, fixture, edits...).Fields
}

func under(key string) func(event map[string]any) {
	return func(event map[string]any) { event["headers"].(map[string]any)["idempotency-key"] = key }
}

// stands reads the reported case.
func (d desk) stands() refund.Case {
	d.t.Helper()
	found, err := d.Store.FindCase(context.Background(), d.reported)
	require.NoError(d.t, err)
	require.NotNil(d.t, found)
	return *found
}

func TestAnApprovalIsRecordedOnceAndCarriedOutOnce(t *testing.T) {
	d := open(t)
	first := d.Want(200, "approve")
	assert.Equal(t, map[string]any{"case": string(d.reported), "state": "approved"}, first.Fields)
	assert.False(t, first.Replayed)
	d.WantAvailable("alice", 36)
	for range 2 { // before it is carried out, and after
		replay := d.Ask("approve")
		assert.Equal(t, []any{200, first.Body, true}, []any{replay.StatusCode, replay.Body, replay.Replayed})
		other := d.Ask("approve-under-another-key")
		assert.Equal(t, httptest.Refusal{409, "already_decided", nil}, other.Refusal())
		assert.Equal(t, string(d.reported), other.Fields["case"])
		assert.Equal(t, httptest.Refusal{409, "idempotency_key_reused", nil}, d.Ask("decline-under-a-used-key").Refusal())
		assert.Empty(t, d.gets("list")["cases"], "it waits for nobody any more")
		d.Deliver()
		d.WantAvailable("alice", 40)
	}
	ruled := d.stands()
	assert.Equal(t, []any{refund.StateApproved, "the hand has six fingers", "operator"}, []any{ruled.State, ruled.Ruling.Note, ruled.Ruling.By})
	assert.Equal(t, refund.Event{At: d.Now, State: refund.StateApproved, Actor: ledger.ActorStaff, By: "operator", Note: "the hand has six fingers"},
		ruled.History[len(ruled.History)-1])
}

func TestAVerdictGoesByTheClauseThatItCites(t *testing.T) {
	d := open(t)
	another := d.Ask("approve-by-another-clause")
	assert.Equal(t, "must be R10, R2, R8, X3", another.Fields["detail"])
	assert.Equal(t, "approved", d.gets("approve-by-clause")["state"])
	d.Deliver()
	ruled := d.stands()
	assert.Equal(t, []any{"R8", "R8"}, []any{ruled.Ruling.Clause, ruled.Decision.Clause})
}

func TestADeclinedCaseGivesNothing(t *testing.T) {
	d := open(t)
	assert.Equal(t, map[string]any{"case": string(d.reported), "state": "declined"}, d.gets("decline"))
	d.Deliver()
	d.WantAvailable("alice", 36)
	assert.Equal(t, refund.StateDeclined, d.stands().State)
}

func TestAReviewerMayGiveLess(t *testing.T) {
	d := open(t)
	assert.Equal(t, "approved", d.gets("approve-less")["state"])
	d.Deliver()
	d.WantAvailable("alice", 39)
}

func TestAVerdictNamesNoPaymentButACandidateOfTheCase(t *testing.T) {
	d := open(t)
	assert.Equal(t, httptest.Refusal{400, "invalid_request", "payment"}, d.Ask("approve-other-payment").Refusal())
	assert.Nil(t, d.stands().Ruling)
}

func TestOfTenStaffAtOnceOneVerdictIsRecorded(t *testing.T) {
	d := open(t)
	answers := make([]httptest.Answer, 10)
	var wait sync.WaitGroup
	for i := range answers {
		wait.Go(func() { answers[i] = d.Ask("approve", under("staff-"+string(rune('a'+i)))) })
	}
	wait.Wait()
	recorded := 0
	for _, answer := range answers {
		if answer.StatusCode == http.StatusOK {
			recorded++
			continue
		}
		assert.Equal(t, httptest.Refusal{409, "already_decided", nil}, answer.Refusal())
		assert.Equal(t, string(d.reported), answer.Fields["case"])
	}
	assert.Equal(t, 1, recorded)
	d.Deliver()
	d.WantAvailable("alice", 40)
}

func TestACustomerIsRestrictedAndLiftedAndTheHistorySaysWhy(t *testing.T) {
	d := open(t)
	assert.Equal(t, map[string]any{"customer": "alice", "standing": "good", "history": []any{}}, d.gets("standing"))
	restricted := map[string]any{
		"customer": "alice", "standing": "restricted",
		"history": []any{map[string]any{"at": "2026-03-01T12:01:01.000Z", "standing": "restricted", "note": "forty reports in a day", "by": "operator"}},
	}
	assert.Equal(t, restricted, d.gets("restrict"))
	assert.Equal(t, ledger.StandingRestricted, d.Wallet("alice").Standing)
	d.WantAvailable("alice", 36)
	d.Pass(time.Hour)
	assert.Equal(t, restricted, d.gets("restrict"), "a repeat writes nothing")
	assert.Equal(t, restricted, d.gets("standing"))
	again := d.gets("restrict-again")
	assert.Equal(t, "restricted", again["standing"])
	assert.Equal(t, "told twice", again["history"].([]any)[0].(map[string]any)["note"], "what staff note is kept")
	d.Pass(time.Minute)

	assert.Equal(t, map[string]any{"at": "2026-03-01T13:02:01.000Z", "standing": "good", "note": "they explained", "by": "operator"}, d.gets("lift")["history"].([]any)[0])
	d.Pass(time.Hour)
	terminated := d.gets("terminate")
	assert.Equal(t, "terminated", terminated["standing"])
	assert.Len(t, terminated["history"], 4)
	assert.Equal(t, terminated, d.gets("standing"))
}

func TestAStandingMayBeSetBeforeAnyWalletExists(t *testing.T) {
	d := empty(t)
	assert.Equal(t, map[string]any{"customer": "nobody", "standing": "good", "history": []any{}}, d.gets("standing-of-nobody"))
	assert.Equal(t, "terminated", d.gets("terminate")["standing"])
	d.Grants("alice", 8)
	assert.Equal(t, ledger.StandingTerminated, d.Wallet("alice").Standing, "credits change no standing")
}

func TestWhatStaffMayNotDoIsRefusedAndChangesNothing(t *testing.T) {
	for fixture, want := range map[string]httptest.Refusal{
		"list-by-app":                  {403, "forbidden", nil},
		"list-without-credential":      {401, "unauthenticated", nil},
		"list-without-state":           {400, "invalid_request", "state"},
		"list-other-state":             {400, "invalid_request", "state"},
		"list-bad-cursor":              {400, "invalid_request", "cursor"},
		"list-forged-cursor":           {400, "invalid_request", "cursor"},
		"list-cursor-of-no-instant":    {400, "invalid_request", "cursor"},
		"list-cursor-of-another-list":  {400, "invalid_request", "cursor"},
		"verdict-by-app":               {403, "forbidden", nil},
		"verdict-without-credential":   {401, "unauthenticated", nil},
		"without-key":                  {400, "invalid_request", "Idempotency-Key"},
		"without-fields":               {400, "missing_fields", "note"},
		"blank-note":                   {400, "missing_fields", "note"},
		"long-note":                    {400, "invalid_request", "note"},
		"unknown-field":                {400, "invalid_request", "reason"},
		"approve-by-another-clause":    {400, "invalid_request", "clause"},
		"in-review":                    {400, "invalid_request", "outcome"},
		"approve-too-much":             {400, "invalid_request", "remedy.credits"},
		"approve-money":                {400, "invalid_request", "remedy.money"},
		"approve-to-elsewhere":         {400, "invalid_request", "remedy.to"},
		"approve-money-and-credits":    {400, "invalid_request", "remedy"},
		"approve-empty-remedy":         {400, "invalid_request", "remedy"},
		"decline-with-remedy":          {400, "invalid_request", "remedy"},
		"case-of-nobody":               {404, "not_found", nil},
		"case-of-no-form":              {404, "not_found", nil},
		"case-decided-by-the-policy":   {409, "already_decided", nil},
		"standing-unknown":             {400, "invalid_request", "standing"},
		"standing-blank-note":          {400, "missing_fields", "note"},
		"standing-long-note":           {400, "invalid_request", "note"},
		"standing-without-fields":      {400, "missing_fields", "note"},
		"standing-unknown-field":       {400, "invalid_request", "until"},
		"standing-by-app":              {403, "forbidden", nil},
		"standing-without-credential":  {401, "unauthenticated", nil},
		"standing-of-no-customer":      {404, "not_found", nil},
		"standing-read-by-app":         {403, "forbidden", nil},
		"standing-read-of-no-customer": {404, "not_found", nil},
	} {
		t.Run(fixture, func(t *testing.T) {
			d := open(t)
			before := d.stands()
			assert.Equal(t, want, d.Ask(fixture).Refusal())
			assert.Equal(t, before, d.stands())
			assert.Zero(t, d.Deliver(), "nothing was asked for")
			assert.Equal(t, "good", d.gets("standing")["standing"])
		})
	}
}

func TestACustomerMayNeitherListNorRuleNorJudge(t *testing.T) {
	d := open(t)
	for _, fixture := range []string{"list", "approve", "restrict", "standing"} {
		assert.Equal(t, httptest.Refusal{403, "forbidden", nil}, d.Ask(fixture, d.As("alice")).Refusal(), fixture)
	}
	assert.Equal(t, refund.StateInReview, d.stands().State)
}
