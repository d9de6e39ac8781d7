package storetest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/standing"
)

// Reporter returns the use case over the world's store and queues.
func (w *World) Reporter() refund.Reporter {
	return refund.Reporter{Store: w.Store, Assessments: w, Attachments: w.Taker()}
}

// Claimer returns the use case over the world's store and queues.
func (w *World) Claimer() refund.Claimer {
	return refund.Claimer{Store: w.Store, Requests: w, Addresses: w.Addresses(), Attachments: w.Taker()}
}

// Addresses returns what marks claims by their e-mail address.
func (w *World) Addresses() refund.Addresses {
	return refund.Addresses{Secrets: func(context.Context) ([]string, error) { return w.AddressSecrets, nil }}
}

// Reviewer returns the use case over the world's store, policy and queues.
func (w *World) Reviewer() refund.Reviewer {
	return refund.Reviewer{Store: w.Store, Policy: w.Policy, Requests: w}
}

// Appealer returns the use case over the world's store, policy and queues.
func (w *World) Appealer() refund.Appealer {
	return refund.Appealer{Store: w.Store, Policy: w.Policy, Requests: w}
}

func (w *World) objection() refund.AppealOrder {
	// A key of its own makes each objection a new request, which the case must refuse by its state.
	return refund.AppealOrder{Words: "look again, please", Principal: "app", Key: w.Key(), Actor: ledger.ActorCustomer}
}

func (w *World) appeal(id refund.CaseID, order refund.AppealOrder) (refund.Opened, error) {
	return commanded(w, "appeal", asOpened, func() (refund.Opened, error) { return w.Appealer().Appeal(w.ctx(), id, order, w.Now) })
}

// Appeals appeals a declined case.
func (w *World) Appeals(id refund.CaseID) {
	w.t.Helper()
	result, err := w.appeal(id, w.objection())
	require.NoError(w.t, err)
	require.Equal(w.t, []any{id, refund.StateInReview}, []any{result.Case, result.State})
}

// tally returns what became of the appeals against declines by a clause of the world's policy.
func (w *World) tally(clause string) (tally refund.AppealTally) {
	w.t.Helper()
	require.NoError(w.t, again(func() error {
		// The list is of all policies and clauses, for it is small: it is filtered here.
		all, err := w.Store.ListAppeals(w.ctx())
		for _, one := range all {
			if one.Policy == w.Name() && one.Clause == clause {
				// The tally is kept for each policy and clause; the zero tally is one without
				// appeals.
				tally = one
			}
		}
		return err
	}))
	return tally
}

// Setter returns the use case over the world's store.
func (w *World) Setter() standing.Setter { return standing.Setter{Store: w.Store, Notices: w} }

// Generated starts a generation of that many pictures, all of which come.
func (w *World) Generated(customer ledger.CustomerID, outputs int) generation.ID {
	w.t.Helper()
	id := w.Starts(customer, outputs)
	w.Settles(id, w.Success(outputs))
	return id
}

func (w *World) report(id generation.ID, output int) refund.Report {
	// The description is what a decision must never keep, so stories look for its words.
	return refund.Report{
		Generation: id, Output: output, Statement: refund.Statement{
			Description: "three hands", Issue: policy.IssueDistortion, Region: &refund.Region{X: 100, Width: 900, Height: 1},
		},
		Principal: "app", Key: w.Key(), Actor: ledger.ActorCustomer,
	}
}

func (w *World) file(report refund.Report) (refund.Opened, error) {
	return commanded(w, "report", asOpened, func() (refund.Opened, error) { return w.Reporter().File(w.ctx(), report, w.Now) })
}

// Reports reports an output as a bad result and returns its case.
func (w *World) Reports(id generation.ID, output int) refund.CaseID {
	w.t.Helper()
	result, err := w.file(w.report(id, output))
	require.NoError(w.t, err)
	return result.Case
}

func (w *World) claim(kind policy.Kind, customer ledger.CustomerID, id payment.ID) refund.Request {
	// The claim names more than a payment's id, so that a story may take the id away and have it
	// searched.
	return refund.Request{
		Kind: kind, Customer: customer, Payment: string(id), Principal: "app", Key: w.Key(), Actor: ledger.ActorApp,
		Claim: refund.Claim{
			Email: "someone@example.com", PaidAt: w.Now, Amount: w.At(w.Now).Packages()[0].Price, Reason: "charged twice",
			TransactionIDs: []string{"txn_1"},
		},
	}
}

// Claims requests a refund of a payment and returns its case.
func (w *World) Claims(kind policy.Kind, customer ledger.CustomerID, id payment.ID) refund.CaseID {
	w.t.Helper()
	result, err := w.claims(w.claim(kind, customer, id))
	require.NoError(w.t, err)
	return result.Case
}

// ClaimsOutage claims what an outage gives for a payment and returns its case.
func (w *World) ClaimsOutage(customer ledger.CustomerID, id payment.ID, outageID outage.ID) refund.CaseID {
	w.t.Helper()
	request := w.claim(policy.KindOutage, customer, id)
	// The outage is named, so the claim has the same case as a run that gives by itself.
	request.Outage = outageID
	result, err := w.claims(request)
	require.NoError(w.t, err)
	return result.Case
}

func (w *World) claims(request refund.Request) (refund.Opened, error) {
	return commanded(w, "claim", asOpened, func() (refund.Opened, error) { return w.Claimer().File(w.ctx(), request, w.Now) })
}

func (w *World) ruling(outcome policy.Outcome) refund.RulingOrder {
	// A ruling without a remedy approves what the policy names.
	return refund.RulingOrder{Ruling: policy.Ruling{Outcome: outcome}, Note: "looked at it", Principal: "staff", Key: w.Key()}
}

func (w *World) rule(id refund.CaseID, order refund.RulingOrder) (refund.Opened, error) {
	return commanded(w, "verdict", asOpened, func() (refund.Opened, error) { return w.Reviewer().Rule(w.ctx(), id, order, w.Now) })
}

// Rules rules on a case that waits for staff.
func (w *World) Rules(id refund.CaseID, outcome policy.Outcome) {
	w.t.Helper()
	_, err := w.rule(id, w.ruling(outcome))
	require.NoError(w.t, err)
}

// Refunds reports an output and has staff approve it, so that its credits go back.
func (w *World) Refunds(id generation.ID, output int) refund.CaseID {
	w.t.Helper()
	// Staff may rule only once the policy has sent the case to review, hence the first delivery.
	caseID := w.Reports(id, output)
	w.Deliver()
	w.Rules(caseID, policy.OutcomeApproved)
	w.Deliver()
	return caseID
}

// SetsStanding puts the customer in the standing.
func (w *World) SetsStanding(customer ledger.CustomerID, next ledger.Standing) {
	w.t.Helper()
	// A repeat of the same standing changes nothing, so a lost answer needs no care here.
	require.NoError(w.t, again(func() error {
		_, err := w.Setter().Set(w.ctx(), customer, standing.Change{Standing: next, Note: "seen", By: "ann"}, w.Now)
		return err
	}))
}

// Standing returns the customer's wallet and the changes of standing.
func (w *World) Standing(customer ledger.CustomerID) (ledger.Wallet, []standing.Change) {
	w.t.Helper()
	var wallet ledger.Wallet
	var changes []standing.Change
	// The wallet and its history come from one read, as the use case gets them.
	require.NoError(w.t, again(func() (err error) {
		wallet, changes, err = w.Store.LoadStanding(w.ctx(), customer)
		return err
	}))
	return wallet, changes
}

// Notifies notifies of whatever is due on the case with that notice.
func (w *World) Notifies(id refund.CaseID, notice string) {
	w.t.Helper()
	// The verdict's own message first, then those about its money.
	w.NotifiesOf(id, decidedAs(notice))
	for _, due := range w.CaseOf(id).Owed() {
		if due.Notice == notice {
			w.NotifiesOf(id, due)
		}
	}
}

// NotifiesOf notifies of one message of the case.
func (w *World) NotifiesOf(id refund.CaseID, message refund.Message) {
	w.t.Helper()
	// Marking is a write that a lost answer may repeat: the second time nothing is due, and that is
	// no error.
	require.NoError(w.t, settled(func() error { return w.Store.MarkNotified(w.ctx(), id, message, w.Now) }))
}

// Waiting returns the cases of the customers that wait for staff, page by page.
func (w *World) Waiting(limit int, customers ...ledger.CustomerID) []refund.Case {
	w.t.Helper()
	// The list is an index's and may lag by one write, so write once more.
	w.Nudge()
	// Worlds share a store: cases of other tests' customers are skipped.
	mine := map[ledger.CustomerID]bool{}
	for _, customer := range customers {
		mine[customer] = true
	}
	var cases []refund.Case
	var after *refund.ReviewPosition
	for more := true; more; {
		var page []refund.Case
		require.NoError(w.t, again(func() (err error) {
			page, more, err = w.Store.ListReview(w.ctx(), after, limit)
			return err
		}))
		require.LessOrEqual(w.t, len(page), limit)
		for _, c := range page {
			position := c.Position()
			after = &position
			if mine[c.Customer] {
				cases = append(cases, c)
			}
		}
	}
	return cases
}

// snapshot reads what a decision on the case rests on.
func (w *World) snapshot(subject refund.Subject) refund.Snapshot {
	w.t.Helper()
	// The use case's own read, so that a hand-made effect rests on exactly what a real decision
	// would.
	return read(w, func() (refund.Snapshot, error) { return w.Store.LoadDecision(w.ctx(), subject) })
}

// wantStale demands that the commit is refused, because what it rests on has changed.
func (w *World) wantStale(effect refund.Effect, why string) {
	w.t.Helper()
	// The error must come from the condition itself: a busy answer is repeated until the store has
	// decided.
	err := again(func() error { return w.Store.CommitDecision(w.ctx(), effect) })
	require.Error(w.t, err, why)
	require.Equal(w.t, fault.KindStale, fault.KindOf(err), "%s: %v", why, err)
}

const day = 24 * time.Hour
