package golden

import (
	"encoding/json"
	"strings"
	"time"

	"makegood/shared/assessment"
	"makegood/shared/attachment"
	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/origin"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/todo"
)

// The customers of the golden values: Alice holds lots, Bob owes.
const (
	Alice = ledger.CustomerID("alice")
	Bob   = ledger.CustomerID("bob")
)

// Hour returns the instant n hours into the story, with a millisecond of its own.
func Hour(n int) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(n)*time.Hour + time.Duration(n)*time.Millisecond)
}

func pointer[T any](value T) *T { return &value }

// Cause returns a cause that names everything a cause can name.
func Cause(reason string) ledger.Cause {
	return ledger.Cause{
		Reason: reason, Generation: "gen_1", Payment: "pi_full", Case: "cas_1", Event: "evt_1", Actor: "staff", By: "operator", Note: "a note",
	}
}

func aDraw(lot string, credits ledger.Credits) ledger.Draw {
	return ledger.Draw{
		Lot: ledger.NewLotID(lot), Credits: credits, Source: ledger.SourcePurchase, ExpiresAt: Hour(900), Granted: credits + 1, GrantedAt: Hour(1),
	}
}

func usd(minor int64) money.Amount { return money.Amount{Currency: "USD", Minor: minor} }

// Grant returns the record of a gift of staff.
func Grant(customer ledger.CustomerID, key string) grant.Grant {
	return grant.Grant{
		ID: ledger.NewLotID("grant", key), Customer: customer, Source: ledger.SourceGoodwill, Credits: 5, ExpiresAt: Hour(500), Note: "sorry", By: "operator",
		GrantedAt: Hour(2), InputHash: "input hash of a grant",
		Answer: ledger.Lot{
			ID: ledger.NewLotID("grant", key), Source: ledger.SourceGoodwill, Granted: 5, Remaining: 4, GrantedAt: Hour(2), ExpiresAt: Hour(500),
		},
	}
}

// Result returns a result with all that a worker can report, though no worker reports all of it.
func Result() generation.Result {
	return generation.Result{
		Status: generation.StatusSucceeded, FinishedAt: Hour(3),
		Failure:  &generation.Failure{Cause: generation.CausePlatform, Code: "gpu_lost", Message: "the GPU went away"},
		Outputs:  []generation.Output{{URL: "https://example.com/1.png", SHA256: "00ff", MediaType: "image/png"}},
		InputURL: "https://example.com/0.png", FailedAttempts: 2,
		Cost: &generation.Cost{Provider: "openrouter", Currency: "USD", Micros: 39500},
	}
}

// Use returns what was done with that output.
func Use(output int) generation.Use {
	return generation.Use{
		Output: output, Downloaded: true, Bulk: true, Commercial: true, At: Hour(4), Key: "hash of a use's key", Input: "hash of a use",
	}
}

// Generation returns one that was captured in part, told of late, used, and refunded in part.
func Generation() generation.Generation {
	return generation.Generation{
		ID: generation.NewID(Alice, "app", "full"), Customer: Alice, Feature: "recolor", Platform: "web", Surface: "batch", Mode: "paid",
		Options:   generation.Options{Model: "large", Size: "1024x1024", Seconds: 8},
		Reference: "job-17", Words: generation.Words{Prompt: "a cat on a chair", Template: "poster"},
		Dimensions: generation.Dimensions{Width: 1024, Height: 768}, Locale: "de", Outputs: 2, Price: 9, Draws: []ledger.Draw{aDraw("bought", 9)},
		State: generation.StateCaptured, StartedAt: Hour(2), Deadline: Hour(5), RecordedAt: Hour(3), CapturedAt: Hour(3), ReleasedAt: Hour(3),
		Captured: 6, Released: 3, Refunded: 2, Result: pointer(Result()), Hash: "hash of the result",
		Late: &generation.Late{Status: generation.StatusFailed, At: Hour(6)}, Uses: []generation.Use{Use(1)},
		InputHash: "input hash of a generation", AvailableAfter: 11, Todo: todo.List{todo.StepNotice: Hour(7)}, Attempts: 1,
	}
}

// OpenGeneration returns one on the customer's own key that waits for its result; its late result
// and its uses come one by one.
func OpenGeneration() generation.Generation {
	return generation.Generation{
		ID: generation.NewID(Alice, "app", "open"), Customer: Alice, Feature: "recolor", Platform: "web", Surface: "editor", Mode: "own_key",
		Outputs: 1, State: generation.StateHeld, StartedAt: Hour(2), Deadline: Hour(5), InputHash: "input hash",
		Todo: todo.List{todo.StepSettle: Hour(5)},
	}
}

func aPurchase() *payment.Purchase {
	return &payment.Purchase{
		Customer: Bob, Named: "Bob, no id", Package: "starter", Subtotal: usd(1000), Paid: 1190, Status: payment.StatusPaid,
		Livemode: pointer(true), Locale: "fr", OrderedAt: Hour(-2), PaidAt: Hour(-1),
	}
}

func refunds() map[string]payment.Refund {
	return map[string]payment.Refund{"re_1": {Amount: usd(100), Status: payment.RefundSucceeded, Case: "cas_1"}}
}

func disputes() map[string]payment.Dispute {
	return map[string]payment.Dispute{
		"dp_1": {Amount: usd(200), Status: payment.DisputeWon, Reason: "fraudulent", DueBy: Hour(9)},
	}
}

func unclear() map[string]payment.Unclear {
	return map[string]payment.Unclear{"refund/re_9": {Status: "on_the_moon", Amount: pointer(usd(7)), Case: "cas_9", At: Hour(1)}}
}

// Payment returns one that staff have looked at, parked, with all that a payment can hold.
func Payment() payment.Payment {
	return payment.Payment{
		ID: "pi_full", Provider: "stripe", State: payment.StateParked, Parked: payment.ReasonWrongAmount,
		Aliases: []payment.ID{"ch_full", "cs_full"}, Purchase: aPurchase(), Refunds: refunds(), Disputes: disputes(), Unclear: unclear(),
		KnownAt: map[string]time.Time{"purchase": Hour(0)},
		Others: map[string]payment.Others{"standard": {
			Purchase: aPurchase(), Refunds: refunds(), Disputes: disputes(), RefundedInAll: 300, Unclear: unclear(),
			KnownAt: map[string]time.Time{"purchase": Hour(1)}, More: true,
		}},
		More: true, RefundedInAll: 400, GrantedAt: Hour(1), MovedAt: Hour(2), LookedUp: 250,
		Promised: map[string]payment.Promise{"cas_1": {
			Minor: 100, Credits: 10, Money: true, Attempts: 2, GivenUp: 1, Keys: 3, Note: "card closed", Synced: payment.ProgressFailed, ExternalBaseline: 50,
		}},
		DuplicateOf: []payment.ID{"pi_before"}, DuplicatedBy: []payment.ID{"pi_after"}, Duplicate: true, Repay: true,
		Resolutions: []payment.Resolution{{
			Action: payment.ActionIgnore, Reason: payment.ReasonWrongAmount, Note: "as agreed", By: "operator", Customer: "bobby", Package: "large",
			At: Hour(3), Key: "hash of the key", Input: "hash of the order", Undone: true, After: &payment.Payment{ID: "pi_full", State: payment.StateParked},
			UndoneAmong: 1,
		}},
		WaitsSince: Hour(4), Claims: []payment.OpenClaim{{Case: "cas_2", Paying: true}},
		Clawback: ledger.Clawback{
			Payment: "pi_full",
			Lot: ledger.Lot{
				ID: payment.ID("pi_full").Lot(), Source: ledger.SourcePurchase, Granted: 100, Remaining: 90, GrantedAt: Hour(1), ExpiresAt: Hour(999),
			},
			Granted: 100, OwnLot: 10, Expired: 5, Others: []ledger.Draw{aDraw("other", 3)}, Owed: 9, DebtPaid: []ledger.Draw{aDraw("paid", 4)},
			Covered: []ledger.Stretch{{From: 2, Credits: 3}},
		},
		Todo: todo.List{todo.StepPay: Hour(5), todo.StepLook: Hour(6)}, Attempts: 2, Version: 1,
	}
}

// RecentPurchases returns those of Bob.
func RecentPurchases() payment.Recent {
	return payment.Recent{{ID: "pi_full", Package: "starter", Price: usd(1000), Paid: 1190, OrderedAt: Hour(-2)}}
}

func aRemedy() *policy.Remedy { return policy.InCredits(4) }

// MoneyRemedy returns money to the payment method.
func MoneyRemedy() *policy.Remedy {
	return policy.InMoney(*pointer(usd(500)))
}

// Ruling returns what staff of that name decided.
func Ruling(by string) refund.Ruling {
	return refund.Ruling{
		Ruling:  policy.Ruling{Outcome: policy.OutcomeApproved, Remedy: MoneyRemedy(), Clause: "P5.3"},
		Payment: "pi_full", By: by, Note: "the third of its kind", Origin: origin.Origin{Key: "hash of a ruling's key", Input: "hash of a ruling"}, At: Hour(8),
	}
}

func takenBack(r refund.Ruling) refund.Ruling {
	r.EffectiveAt, r.TakenBackAt = r.At.Add(refund.TakeBackWindow), r.At.Add(time.Second)
	return r
}

// answered returns the ruling with a second person's answer; "": it waits for one.
func answered(r refund.Ruling, answer refund.SecondAnswer) refund.Ruling {
	if r.Second = new(refund.Second); answer != "" {
		*r.Second = refund.Second{Answer: answer, By: "another", At: r.At.Add(time.Hour)}
	}
	return r
}

// Facts returns facts with every section, as no kind has them together.
func Facts() policy.Facts {
	failure := &generation.Failure{Cause: generation.CauseSafety}
	return policy.Facts{
		Policy: "photoroom", Kind: policy.KindBadResult, RequestedAt: Hour(5),
		Customer: policy.CustomerFacts{Standing: ledger.StandingRestricted, Requests30d: 3, Refunds30d: 2, Generations30d: 9},
		Generation: &policy.GenerationFacts{
			ID: "gen_1", Feature: "recolor", Platform: policy.PlatformWeb, Surface: policy.SurfaceBatch, Mode: policy.ModeFree,
			Status: generation.StatusFailed, FinishedAt: Hour(3), Price: 4, Refunded: 1, FailedAttempts: 2, Failure: failure,
		},
		Report:          &policy.ReportFacts{Description: "none is kept", Issue: policy.IssueTaste},
		Usage:           policy.UsageFacts{BulkDownloaded: true, CommercialUse: true},
		Evidence:        &policy.EvidenceFacts{Verdict: policy.VerdictUnsure, Defects: []string{"blank"}, Input: policy.InputPoor, WithinExamples: true},
		EarlierRequests: 1,
		Purchase: &policy.PurchaseFacts{
			ID: "pi_full", Package: "starter", PaidAt: Hour(-1), Amount: usd(1190), Credits: 100, CreditsSpent: 40, Credited: true,
			Parked: "wrong_amount", DuplicateOf: "pi_before", Refunded: pointer(usd(100)),
		},
		Outage: &policy.OutageFacts{StartedAt: Hour(-9), EndedAt: pointer(Hour(-8)), AsOf: pointer(Hour(6)), PreventedUse: true, InCredits: true},
	}
}

func aBasis() *policy.Basis {
	written, err := json.Marshal(Facts())
	if err != nil {
		panic(err)
	}
	return &policy.Basis{
		Digest: "sha256:0", Facts: written, Undecided: true, Appeal: true,
		Ruling: &policy.Ruling{Outcome: policy.OutcomeApproved, Remedy: aRemedy(), Clause: "P5"}, RuledAt: Hour(7),
	}
}

func aDecision(notice string) policy.Decision {
	return policy.Decision{
		Outcome: policy.OutcomeApproved, Clause: "P5.3", Rule: 2, Reason: "It is not as it should be.", Remedy: aRemedy(),
		RespondBy: pointer(Hour(80)), PayBy: pointer(Hour(90)),
		Policy: policy.Ref{Name: "photoroom", Revision: "2026-01-01", Digest: "sha256:0"},
		Trace:  []policy.Step{{Clause: "P1", Rule: 1}, {Clause: "P5.3", Rule: 7, Matched: true}}, Notice: notice, Basis: aBasis(),
	}
}

// Statement returns a customer's words of every kind.
func Statement() *refund.Statement {
	return &refund.Statement{
		Description: "green is not blue", Issue: policy.IssueTaste, Usage: policy.UsageFacts{BulkDownloaded: true, CommercialUse: true},
		Region: &refund.Region{X: 620, Y: 80, Width: 250, Height: 400},
		Claim: &refund.Claim{
			Email: "bob@example.com", PaidAt: Hour(-1), WholeDay: true, Amount: usd(1190), Reason: "twice", TransactionIDs: []string{"tx_1"},
			Attachments: []string{"https://example.com/bill.pdf"},
		},
		Appeal: "please look again",
	}
}

// File returns what is announced of an attachment.
func File() attachment.File {
	return attachment.File{MediaType: attachment.PDF, Bytes: 123_456, SHA256: strings.Repeat("a1", 32)}
}

// proven returns a customer's words, with the proof that their case took.
func proven() *refund.Statement {
	statement := Statement()
	statement.Attachments = []attachment.Taken{{ID: OpenAttachment().ID, File: File()}}
	return statement
}

// OpenAttachment returns one that Case takes.
func OpenAttachment() attachment.Attachment {
	return attachment.Attachment{
		ID: attachment.NewID(Bob, "app", "bill"), Customer: Bob, File: File(), Origin: origin.Origin{Key: "hash of the key", Input: "hash of the file"},
		OpenedAt: Hour(1), ExpiresAt: Hour(25), Todo: todo.List{todo.StepDiscard: Hour(26)},
	}
}

// Attachment returns one with all that an attachment can hold.
func Attachment() attachment.Attachment {
	full := OpenAttachment()
	full.ID, full.Case, full.DiscardedAt, full.Attempts = attachment.NewID(Bob, "app", "full"), string(CaseID("other")), Hour(26), 2
	return full
}

// CaseID returns the id of Bob's case about the subject.
func CaseID(subject string) refund.CaseID {
	return refund.NewCaseID(Bob.Key(), policy.KindBadResult, subject)
}

// AddressMark is that of the address in Statement.
const AddressMark = refund.AddressMark("keyidkey.hashofanaddress")

// Case returns one that was decided, overruled, appealed and decided again, with all that a case
// can hold.
func Case() refund.Case {
	decision := aDecision("refunded")
	return refund.Case{
		ID: CaseID("full"), Kind: policy.KindBadResult, Customer: Bob, Generation: "gen_1", Output: 1, Payment: "pi_full",
		Outage: "out_1", Locale: "fr", State: refund.StatePaying, Origin: origin.Origin{Key: "hash of the key", Input: "hash of the request"},
		Statement: proven(), AddressMark: AddressMark,
		Candidates: []refund.Candidate{{
			Payment: "pi_full", Customer: Bob, Package: "starter", Amount: usd(1190), OrderedAt: Hour(-2), PaidAt: Hour(-1),
		}},
		Known:    &policy.CustomerFacts{Standing: ledger.StandingGood, Requests30d: 3, Refunds30d: 2, Generations30d: 9},
		Decision: &decision, Earlier: []policy.Decision{aDecision("in_review")},
		Appeal: &refund.Appeal{
			At: Hour(6), Origin: origin.Origin{Key: "hash of an appeal's key", Input: "hash of an appeal"}, Ruling: pointer(Ruling("first")),
			Reviewer: "first", Finding: refund.FindingOverturned,
		},
		Assignment: &refund.Assignment{By: "ann", Until: Hour(9)}, Skips: []refund.Skip{{By: "bob", Reason: "the rule says nothing of it", At: Hour(7)}},
		Overruled: []refund.Ruling{takenBack(answered(Ruling("second"), refund.SecondSentBack))},
		Proposed:  pointer(answered(Ruling("fourth"), "")), Ruling: pointer(answered(Ruling("third"), refund.SecondConfirmed)),
		Returned: &refund.Returned{Restored: 1, Extended: 2, Expired: 3},
		Notice:   "refunded.2",
		History:  []refund.Event{{At: Hour(5), State: refund.StateInReview, Actor: ledger.ActorStaff, By: "operator", Note: "looked at"}},
		OpenedAt: Hour(5), NotifiedAt: Hour(9), Todo: todo.List{todo.StepNotice: Hour(10), todo.StepRefund: Hour(11)}, Attempts: 3,
	}
}

// WaitingCase returns one that waits for staff: only then a case says until when.
func WaitingCase(subject string) refund.Case {
	return refund.Case{
		ID: CaseID(subject), Kind: policy.KindBadResult, Customer: Bob, State: refund.StateInReview, OpenedAt: Hour(5), ReviewBy: Hour(20),
		Todo: todo.List{todo.StepReview: Hour(20)},
	}
}

// Outage returns one that was corrected, run and withdrawn.
func Outage() outage.Outage {
	declared := outage.Outage{
		ID: outage.NewID("operator", "key"), StartedAt: Hour(-9), EndedAt: Hour(-8), Features: []string{"recolor"}, PreventedUse: true,
		DeclaredAt: Hour(0), By: "operator", Input: "hash of the declaration",
		Preview: outage.Preview{Purchases: 3, Unspent: 70, Money: []money.Amount{usd(2100)}, Complete: true},
	}
	corrected := declared
	corrected.First, corrected.EndedAt = &declared, Hour(-7)
	corrected.CorrectedAt, corrected.CorrectedBy, corrected.WithdrawnAt, corrected.WithdrawnBy = Hour(1), "second", Hour(2), "third"
	corrected.Run = &outage.Run{Give: outage.GiveCredits, StartedAt: Hour(3), By: "fourth", Page: 4, Cursor: "pi_full", Seen: 60, Requested: 7, DoneAt: Hour(4)}
	corrected.Todo, corrected.Attempts, corrected.Version = todo.List{todo.StepRun: Hour(5)}, 2, 1
	return corrected
}

// Offer returns one that the customer was told of.
func Offer() outage.Offer {
	return outage.Offer{
		ID: outage.NewOfferID(Bob, "pi_full", Hour(-9)), Customer: Bob, Payment: "pi_full", Outage: "out_1", PaidAt: Hour(-1),
		Met:    policy.OutageFacts{StartedAt: Hour(-9), EndedAt: pointer(Hour(-8)), AsOf: pointer(Hour(6)), PreventedUse: true, InCredits: true},
		Remedy: *MoneyRemedy(), ClaimUntil: Hour(700), Policy: policy.Ref{Name: "photoroom", Revision: "2026-01-01", Digest: "sha256:0"},
		Locale: "fr", MadeAt: Hour(4), NotifiedAt: Hour(5), Todo: todo.List{todo.StepOffer: Hour(6)}, Attempts: 1,
	}
}

// StandingChange returns one by staff.
func StandingChange() standing.Change {
	return standing.Change{At: Hour(7), Standing: ledger.StandingRestricted, Note: "many claims", By: "operator", Locale: "fr"}
}

// PollState returns how far a provider's events were listed, in the middle of a round.
func PollState() payment.PollState {
	return payment.PollState{CompleteThrough: Hour(1), Since: Hour(2), StartedAt: Hour(3), Cursor: "evt_9", Incomplete: true, Version: 1}
}

// ReportedCase returns one whose pictures are to be looked at.
func ReportedCase() refund.Case {
	return refund.Case{
		ID: CaseID("reported"), Kind: policy.KindBadResult, Customer: Bob, Generation: string(generation.NewID(Bob, "app", "reported")),
		State: refund.StateReceived, Statement: Statement(), OpenedAt: Hour(5), Todo: todo.List{todo.StepAssess: Hour(6)}, Attempts: 2,
	}
}

// EvidenceRecord returns what was seen of ReportedCase, as no look sees it all.
func EvidenceRecord() evidence.Record {
	record := Fill[evidence.Record]()
	record.Case, record.Customer, record.At = string(ReportedCase().ID), Bob, Hour(6)
	return record
}

// Imprint returns what later pictures find ReportedCase by.
func Imprint() assessment.Imprint {
	tiles := make([]byte, 768)
	for n := range tiles {
		tiles[n] = byte(n)
	}
	return assessment.Imprint{
		Case: ReportedCase().ID, Feature: "recolor", SHA256: strings.Repeat("0f", 32), Unusable: true, Until: Hour(900).Truncate(time.Second),
		Print: evidence.Print{Hash: 1<<63 | 0x1234_5678, Tiles: tiles},
	}
}
