package dynamo_test

import (
	"encoding/json"
	"time"

	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/todo"
)

// The customers of the golden rows: alice holds lots, bob owes.
const (
	alice = ledger.CustomerID("alice")
	bob   = ledger.CustomerID("bob")
)

// hour returns the instant so many hours into the story, with a millisecond of its own.
func hour(n int) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(n)*time.Hour + time.Duration(n)*time.Millisecond)
}

func ref[T any](value T) *T { return &value }

func aCause(reason string) ledger.Cause {
	return ledger.Cause{
		Reason: reason, Generation: "gen_1", Payment: "pi_full", Case: "cas_1", Event: "evt_1", Actor: "staff", Note: "a note",
	}
}

func aDraw(lot string, credits ledger.Credits) ledger.Draw {
	return ledger.Draw{
		Lot: ledger.NewLotID(lot), Credits: credits, Source: ledger.SourcePurchase, ExpiresAt: hour(900), Granted: credits + 1, GrantedAt: hour(1),
	}
}

func usd(minor int64) money.Amount { return money.Amount{Currency: "USD", Minor: minor} }

func aGrant(customer ledger.CustomerID, key string) grant.Grant {
	return grant.Grant{
		ID: ledger.NewLotID("grant", key), Customer: customer, Source: ledger.SourceGoodwill, Credits: 5, ExpiresAt: hour(500), Note: "sorry",
		GrantedAt: hour(2), InputHash: "input hash of a grant",
		Answer: ledger.Lot{
			ID: ledger.NewLotID("grant", key), Source: ledger.SourceGoodwill, Granted: 5, Remaining: 4, GrantedAt: hour(2), ExpiresAt: hour(500),
		},
	}
}

func aResult() generation.Result {
	return generation.Result{
		Status: generation.StatusSucceeded, FinishedAt: hour(3),
		Failure:  &generation.Failure{Cause: generation.CausePlatform, Code: "gpu_lost", Message: "the GPU went away"},
		Outputs:  []generation.Output{{URL: "https://example.com/1.png", SHA256: "00ff", MediaType: "image/png"}},
		InputURL: "https://example.com/0.png", FailedAttempts: 2,
		Cost: &generation.Cost{Provider: "openrouter", Currency: "USD", Micros: 39500},
	}
}

func aUse(output int) generation.Use {
	return generation.Use{
		Output: output, Downloaded: true, Bulk: true, Commercial: true, At: hour(4), Key: "hash of a use's key", Input: "hash of a use",
	}
}

// aGeneration is one that was captured in part, told of late, used, and refunded in part.
func aGeneration() generation.Generation {
	return generation.Generation{
		ID: generation.NewID(alice, "app", "full"), Customer: alice, Feature: "recolor", Platform: "web", Surface: "batch", Mode: "paid",
		Options:   generation.Options{Model: "large", Size: "1024x1024", Seconds: 8},
		Reference: "job-17", Locale: "de", Outputs: 2, Price: 9, Draws: []ledger.Draw{aDraw("bought", 9)},
		State: generation.StateCaptured, StartedAt: hour(2), Deadline: hour(5), RecordedAt: hour(3), CapturedAt: hour(3), ReleasedAt: hour(3),
		Captured: 6, Released: 3, Refunded: 2, Result: ref(aResult()), Hash: "hash of the result",
		Late: &generation.Late{Status: generation.StatusFailed, At: hour(6)}, Uses: []generation.Use{aUse(1)},
		InputHash: "input hash of a generation", AvailableAfter: 11, Todo: todo.List{todo.StepNotice: hour(7)}, Attempts: 1,
	}
}

// anOpenGeneration is one on the customer's own key that waits for its result; its late result and
// its uses come one by one.
func anOpenGeneration() generation.Generation {
	return generation.Generation{
		ID: generation.NewID(alice, "app", "open"), Customer: alice, Feature: "recolor", Platform: "web", Surface: "editor", Mode: "own_key",
		Outputs: 1, State: generation.StateHeld, StartedAt: hour(2), Deadline: hour(5), InputHash: "input hash",
		Todo: todo.List{todo.StepSettle: hour(5)},
	}
}

func aPurchase() *payment.Purchase {
	return &payment.Purchase{
		Customer: bob, Named: "Bob, no id", Package: "starter", Subtotal: usd(1000), Paid: 1190, Status: payment.StatusPaid,
		Livemode: ref(true), Locale: "fr", OrderedAt: hour(-2), PaidAt: hour(-1),
	}
}

func refunds() map[string]payment.Refund {
	return map[string]payment.Refund{"re_1": {Amount: usd(100), Status: payment.RefundSucceeded, Case: "cas_1"}}
}

func disputes() map[string]payment.Dispute {
	return map[string]payment.Dispute{"dp_1": {Amount: usd(200), Status: payment.DisputeWon}}
}

func unclear() map[string]payment.Unclear {
	return map[string]payment.Unclear{"refund/re_9": {Status: "on_the_moon", Amount: ref(usd(7)), Case: "cas_9", At: hour(1)}}
}

// aPayment is one that staff have looked at, parked, with all that a payment can hold.
func aPayment() payment.Payment {
	return payment.Payment{
		ID: "pi_full", Provider: "stripe", State: payment.StateParked, Parked: payment.ReasonWrongAmount,
		Aliases: []payment.ID{"ch_full", "cs_full"}, Purchase: aPurchase(), Refunds: refunds(), Disputes: disputes(), Unclear: unclear(),
		KnownAt: map[string]time.Time{"purchase": hour(0)},
		Others: map[string]payment.Others{"standard": {
			Purchase: aPurchase(), Refunds: refunds(), Disputes: disputes(), RefundedInAll: 300, Unclear: unclear(),
			KnownAt: map[string]time.Time{"purchase": hour(1)}, More: true,
		}},
		More: true, RefundedInAll: 400, GrantedAt: hour(1), MovedAt: hour(2), LookedUp: 250,
		Promised: map[string]payment.Promise{"cas_1": {
			Minor: 100, Credits: 10, Money: true, Attempts: 2, GivenUp: 1, Keys: 3, Note: "card closed", Told: payment.ProgressFailed, Before: 50,
		}},
		Repeats: []payment.ID{"pi_before"}, RepeatedBy: []payment.ID{"pi_after"}, Twice: true, Repay: true,
		Resolutions: []payment.Resolution{{
			Action: payment.ActionIgnore, Reason: payment.ReasonWrongAmount, Note: "as agreed", By: "operator", Customer: "bobby", Package: "large",
			At: hour(3), Key: "hash of the key", Input: "hash of the order", Undone: true, After: &payment.Payment{ID: "pi_full", State: payment.StateParked},
			UndoneAmong: 1,
		}},
		WaitsSince: hour(4), Claims: []payment.OpenClaim{{Case: "cas_2", Paying: true}},
		Clawback: ledger.Clawback{
			Payment: "pi_full",
			Lot: ledger.Lot{
				ID: payment.ID("pi_full").Lot(), Source: ledger.SourcePurchase, Granted: 100, Remaining: 90, GrantedAt: hour(1), ExpiresAt: hour(999),
			},
			Granted: 100, OwnLot: 10, Expired: 5, Others: []ledger.Draw{aDraw("other", 3)}, Owed: 9, DebtPaid: []ledger.Draw{aDraw("paid", 4)},
			Covered: []ledger.Stretch{{From: 2, Credits: 3}},
		},
		Todo: todo.List{todo.StepPay: hour(5), todo.StepLook: hour(6)}, Attempts: 2, Version: 1,
	}
}

func recentPurchases() payment.Recent {
	return payment.Recent{{ID: "pi_full", Package: "starter", Price: usd(1000), Paid: 1190, OrderedAt: hour(-2)}}
}

func aRemedy() *policy.Remedy { return &policy.Remedy{Credits: 4, To: policy.ToBalance} }

func moneyRemedy() *policy.Remedy {
	return &policy.Remedy{Money: ref(usd(500)), To: policy.ToPaymentMethod}
}

func aRuling(by string) refund.Ruling {
	return refund.Ruling{
		Ruling:  policy.Ruling{Outcome: policy.OutcomeApproved, Remedy: moneyRemedy(), Clause: "P5.3"},
		Payment: "pi_full", By: by, Note: "the third of its kind", Origin: refund.Origin{Key: "hash of a ruling's key", Input: "hash of a ruling"}, At: hour(8),
	}
}

func facts() policy.Facts {
	failure := &generation.Failure{Cause: generation.CauseSafety}
	return policy.Facts{
		Policy: "photoroom", Kind: policy.KindBadResult, RequestedAt: hour(5),
		Customer: policy.CustomerFacts{Standing: ledger.StandingRestricted, Requests30d: 3, Refunds30d: 2, Generations30d: 9},
		Generation: &policy.GenerationFacts{
			ID: "gen_1", Feature: "recolor", Platform: policy.PlatformWeb, Surface: policy.SurfaceBatch, Mode: policy.ModeFree,
			Status: generation.StatusFailed, FinishedAt: hour(3), Price: 4, Refunded: 1, FailedAttempts: 2, Failure: failure,
		},
		Report:          &policy.ReportFacts{Description: "none is kept", Issue: policy.IssueTaste},
		Usage:           policy.UsageFacts{BulkDownloaded: true, CommercialUse: true},
		Evidence:        &policy.EvidenceFacts{Verdict: policy.VerdictUnsure, Defects: []string{"blank"}, Input: policy.InputPoor, WithinExamples: true},
		EarlierRequests: 1,
		Purchase: &policy.PurchaseFacts{
			ID: "pi_full", Package: "starter", PaidAt: hour(-1), Amount: usd(1190), Credits: 100, CreditsSpent: 40, Credited: true,
			Parked: "wrong_amount", DuplicateOf: "pi_before", Refunded: ref(usd(100)),
		},
		Outage: &policy.OutageFacts{StartedAt: hour(-9), EndedAt: ref(hour(-8)), AsOf: ref(hour(6)), PreventedUse: true, InCredits: true},
	}
}

func aBasis() *policy.Basis {
	written, err := json.Marshal(facts())
	if err != nil {
		panic(err)
	}
	return &policy.Basis{
		Digest: "sha256:0", Facts: written, Undecided: true, Appeal: true,
		Ruling: &policy.Ruling{Outcome: policy.OutcomeApproved, Remedy: aRemedy(), Clause: "P5"}, RuledAt: hour(7),
	}
}

func aDecision(notice string) policy.Decision {
	return policy.Decision{
		Outcome: policy.OutcomeApproved, Clause: "P5.3", Rule: 2, Reason: "It is not as it should be.", Remedy: aRemedy(),
		RespondBy: ref(hour(80)), PayBy: ref(hour(90)),
		Policy: policy.Ref{Name: "photoroom", Revision: "2026-01-01", Digest: "sha256:0"},
		Trace:  []policy.Step{{Clause: "P1", Rule: 1}, {Clause: "P5.3", Rule: 7, Matched: true}}, Notice: notice, Basis: aBasis(),
	}
}

func asked() *refund.Asked {
	return &refund.Asked{
		Description: "green is not blue", Issue: policy.IssueTaste, Usage: policy.UsageFacts{BulkDownloaded: true, CommercialUse: true},
		Claim: &refund.Claim{
			Email: "bob@example.com", PaidAt: hour(-1), WholeDay: true, Amount: usd(1190), Reason: "twice", TransactionIDs: []string{"tx_1"},
			Attachments: []string{"https://example.com/bill.pdf"},
		},
		Appeal: "please look again",
	}
}

func caseID(subject string) refund.CaseID {
	return refund.NewCaseID(bob.Key(), policy.KindBadResult, subject)
}

// aCase is one that was decided, overruled, appealed and decided again, with all that a case can
// hold.
func aCase() refund.Case {
	decision := aDecision("refunded")
	return refund.Case{
		ID: caseID("full"), Kind: policy.KindBadResult, Customer: bob, Generation: "gen_1", Output: 1, Payment: "pi_full",
		Outage: "out_1", Locale: "fr", State: refund.StatePaying, Origin: refund.Origin{Key: "hash of the key", Input: "hash of the request"},
		Asked: asked(),
		Candidates: []refund.Candidate{{
			Payment: "pi_full", Customer: bob, Package: "starter", Amount: usd(1190), OrderedAt: hour(-2), PaidAt: hour(-1),
		}},
		Known:    &policy.CustomerFacts{Standing: ledger.StandingGood, Requests30d: 3, Refunds30d: 2, Generations30d: 9},
		Decision: &decision, Earlier: []policy.Decision{aDecision("in_review")},
		Appeal: &refund.Appeal{
			At: hour(6), Origin: refund.Origin{Key: "hash of an appeal's key", Input: "hash of an appeal"}, Ruling: ref(aRuling("first")),
			Reviewer: "first", Finding: refund.FindingOverturned,
		},
		Overruled: []refund.Ruling{aRuling("second")}, Ruling: ref(aRuling("third")),
		Returned: &refund.Returned{Restored: 1, Extended: 2, Expired: 3},
		Notice:   "refunded.2",
		History:  []refund.Event{{At: hour(5), State: refund.StateInReview, Actor: refund.ActorStaff, By: "operator", Note: "looked at"}},
		OpenedAt: hour(5), ToldAt: hour(9), Todo: todo.List{todo.StepNotice: hour(10), todo.StepRefund: hour(11)}, Attempts: 3,
	}
}

// aWaitingCase waits for staff: only then a case says until when.
func aWaitingCase(subject string) refund.Case {
	return refund.Case{
		ID: caseID(subject), Kind: policy.KindBadResult, Customer: bob, State: refund.StateInReview, OpenedAt: hour(5), ReviewBy: hour(20),
		Todo: todo.List{todo.StepReview: hour(20)},
	}
}

func anOutage() outage.Outage {
	declared := outage.Outage{
		ID: outage.NewID("operator", "key"), StartedAt: hour(-9), EndedAt: hour(-8), Features: []string{"recolor"}, PreventedUse: true,
		DeclaredAt: hour(0), By: "operator", Input: "hash of the declaration",
		Preview: outage.Preview{Purchases: 3, Unspent: 70, Money: []money.Amount{usd(2100)}, Complete: true},
	}
	corrected := declared
	corrected.First, corrected.EndedAt = &declared, hour(-7)
	corrected.CorrectedAt, corrected.CorrectedBy, corrected.WithdrawnAt, corrected.WithdrawnBy = hour(1), "second", hour(2), "third"
	corrected.Run = &outage.Run{Give: outage.GiveCredits, StartedAt: hour(3), Page: 4, Cursor: "pi_full", Seen: 60, Asked: 7, DoneAt: hour(4)}
	corrected.Todo, corrected.Attempts, corrected.Version = todo.List{todo.StepRun: hour(5)}, 2, 1
	return corrected
}

func anOffer() outage.Offer {
	return outage.Offer{
		ID: outage.NewOfferID(bob, "pi_full", hour(-9)), Customer: bob, Payment: "pi_full", Outage: "out_1", PaidAt: hour(-1),
		Met:    policy.OutageFacts{StartedAt: hour(-9), EndedAt: ref(hour(-8)), AsOf: ref(hour(6)), PreventedUse: true, InCredits: true},
		Remedy: *moneyRemedy(), ClaimUntil: hour(700), Policy: policy.Ref{Name: "photoroom", Revision: "2026-01-01", Digest: "sha256:0"},
		Locale: "fr", MadeAt: hour(4), ToldAt: hour(5), Todo: todo.List{todo.StepOffer: hour(6)}, Attempts: 1,
	}
}

func aChange() standing.Change {
	return standing.Change{At: hour(7), Standing: ledger.StandingRestricted, Note: "many claims", By: "operator", Locale: "fr"}
}

func aMark() payment.Mark {
	return payment.Mark{Through: hour(1), Since: hour(2), StartedAt: hour(3), Cursor: "evt_9", Behind: true, Version: 1}
}
