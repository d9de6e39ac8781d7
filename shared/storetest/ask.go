package storetest

import (
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
func (w *World) Reporter() refund.Reporter { return refund.Reporter{Store: w.Store, Requests: w} }

// Claimer returns the use case over the world's store and queues.
func (w *World) Claimer() refund.Claimer { return refund.Claimer{Store: w.Store, Requests: w} }

// Reviewer returns the use case over the world's store, policy and queues.
func (w *World) Reviewer() refund.Reviewer {
	return refund.Reviewer{Store: w.Store, Policy: w.published, Requests: w}
}

// Appealer returns the use case over the world's store, policy and queues.
func (w *World) Appealer() refund.Appealer {
	return refund.Appealer{Store: w.Store, Policy: w.published, Requests: w}
}

func (w *World) objection() refund.AppealOrder {
	return refund.AppealOrder{Words: "look again, please", Principal: "app", Key: w.Key(), Actor: ledger.ActorCustomer}
}

func (w *World) appeal(id refund.CaseID, order refund.AppealOrder) (refund.Opened, error) {
	return commanded(w, "appeal", asOpened, func() (refund.Opened, error) { return w.Appealer().Appeal(w.ctx(), id, order, w.Now) })
}

// Appeals appeals a declined case.
func (w *World) Appeals(id refund.CaseID) {
	w.t.Helper()
	opened, err := w.appeal(id, w.objection())
	require.NoError(w.t, err)
	require.Equal(w.t, []any{id, refund.StateInReview}, []any{opened.Case, opened.State})
}

// tally reads what became of the appeals against declines by the clause of the world's policy.
func (w *World) tally(clause string) (found refund.AppealTally) {
	w.t.Helper()
	require.NoError(w.t, again(func() error {
		all, err := w.Store.ListAppeals(w.ctx())
		for _, one := range all {
			if one.Policy == w.Name() && one.Clause == clause {
				found = one
			}
		}
		return err
	}))
	return found
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
	return refund.Report{
		Generation: id, Output: output, Asked: refund.Asked{Description: "three hands", Issue: policy.IssueDistortion},
		Principal: "app", Key: w.Key(), Actor: ledger.ActorCustomer,
	}
}

func (w *World) file(report refund.Report) (refund.Opened, error) {
	return commanded(w, "report", asOpened, func() (refund.Opened, error) { return w.Reporter().File(w.ctx(), report, w.Now) })
}

// Reports reports an output as a bad result and returns its case.
func (w *World) Reports(id generation.ID, output int) refund.CaseID {
	w.t.Helper()
	opened, err := w.file(w.report(id, output))
	require.NoError(w.t, err)
	return opened.Case
}

func (w *World) claim(kind policy.Kind, customer ledger.CustomerID, id payment.ID) refund.Request {
	return refund.Request{
		Kind: kind, Customer: customer, Payment: string(id), Principal: "app", Key: w.Key(), Actor: ledger.ActorApp,
		Claim: refund.Claim{
			Email: "someone@example.com", PaidAt: w.Now, Amount: w.At(w.Now).Packages()[0].Price, Reason: "charged twice",
			TransactionIDs: []string{"txn_1"},
		},
	}
}

// Claims asks for a refund of a payment and returns its case.
func (w *World) Claims(kind policy.Kind, customer ledger.CustomerID, id payment.ID) refund.CaseID {
	w.t.Helper()
	opened, err := w.claims(w.claim(kind, customer, id))
	require.NoError(w.t, err)
	return opened.Case
}

// ClaimsOutage claims what an outage is to give for a payment and returns its case.
func (w *World) ClaimsOutage(customer ledger.CustomerID, id payment.ID, declared outage.ID) refund.CaseID {
	w.t.Helper()
	request := w.claim(policy.KindOutage, customer, id)
	request.Outage = declared
	opened, err := w.claims(request)
	require.NoError(w.t, err)
	return opened.Case
}

func (w *World) claims(request refund.Request) (refund.Opened, error) {
	return commanded(w, "claim", asOpened, func() (refund.Opened, error) { return w.Claimer().File(w.ctx(), request, w.Now) })
}

func (w *World) ruling(outcome policy.Outcome) refund.RulingOrder {
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

// Refunds reports an output, and staff approve of it: its credits are back.
func (w *World) Refunds(id generation.ID, output int) refund.CaseID {
	w.t.Helper()
	reported := w.Reports(id, output)
	w.Deliver()
	w.Rules(reported, policy.OutcomeApproved)
	w.Deliver()
	return reported
}

// SetsStanding puts the customer in the standing.
func (w *World) SetsStanding(customer ledger.CustomerID, next ledger.Standing) {
	w.t.Helper()
	require.NoError(w.t, again(func() error {
		_, err := w.Setter().Set(w.ctx(), customer, standing.Change{Standing: next, Note: "seen", By: "ann"}, w.Now)
		return err
	}))
}

// Standing reads where the customer stands, and the history of it.
func (w *World) Standing(customer ledger.CustomerID) (ledger.Wallet, []standing.Change) {
	w.t.Helper()
	var wallet ledger.Wallet
	var changes []standing.Change
	require.NoError(w.t, again(func() (err error) {
		wallet, changes, err = w.Store.LoadStanding(w.ctx(), customer)
		return err
	}))
	return wallet, changes
}

// Tells tells whatever the case owes of the verdict with that notice.
func (w *World) Tells(id refund.CaseID, notice string) {
	w.t.Helper()
	w.TellsOf(id, decidedAs(notice))
	for _, owed := range w.CaseOf(id).Owed() {
		if owed.Notice == notice {
			w.TellsOf(id, owed)
		}
	}
}

// TellsOf tells one message of the case.
func (w *World) TellsOf(id refund.CaseID, message refund.Message) {
	w.t.Helper()
	require.NoError(w.t, settled(func() error { return w.Store.MarkTold(w.ctx(), id, message, w.Now) }))
}

// Waiting reads the list of cases that wait for staff, page by page, as far as it is about the customers.
func (w *World) Waiting(limit int, customers ...ledger.CustomerID) []refund.Case {
	w.t.Helper()
	w.Nudge()
	mine := map[ledger.CustomerID]bool{}
	for _, customer := range customers {
		mine[customer] = true
	}
	var found []refund.Case
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
				found = append(found, c)
			}
		}
	}
	return found
}

// snapshot reads what a decision on the case rests on.
func (w *World) snapshot(matter refund.Subject) refund.Snapshot {
	w.t.Helper()
	var found refund.Snapshot
	require.NoError(w.t, again(func() (err error) {
		found, err = w.Store.LoadDecision(w.ctx(), matter)
		return err
	}))
	return found
}

// wantStale demands that the commit is refused, since what it rests on has changed.
func (w *World) wantStale(effect refund.Effect, why string) {
	w.t.Helper()
	err := again(func() error { return w.Store.CommitDecision(w.ctx(), effect) })
	require.Error(w.t, err, why)
	require.Equal(w.t, fault.KindStale, fault.KindOf(err), "%s: %v", why, err)
}

const day = 24 * time.Hour
