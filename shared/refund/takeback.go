package refund

import (
	"context"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/origin"
	"makegood/shared/todo"
)

// CodeTakeBackLate is the code of a take-back of a ruling that is carried out, or is about to be.
const CodeTakeBackLate = "take_back_late"

// TakeBackOrder names a ruling by who gave it, and by its request.
type TakeBackOrder struct {
	// By is the name of who gave the ruling, or confirmed it: nobody else takes it back.
	By string
	// Principal and Key are those of the ruling's own request. Who confirmed it has the proposal
	// for a key.
	Principal, Key string
}

// TakeBack takes a ruling off its case before it is carried out, in one commit: the case waits for
// staff again, and its history says so. Nothing that was moved is ever reversed. A replay gets the
// same answer.
//
// Errors:
//   - KindNotFound: no such case, or no such ruling of theirs.
//   - KindConflict: CodeTakeBackLate, once the ruling is effective.
//   - KindBusy.
func (r Reviewer) TakeBack(ctx context.Context, id CaseID, order TakeBackOrder, now time.Time) (Opened, error) {
	return fault.RetryFor(ctx, func(ctx context.Context) (Opened, error) {
		snapshot, err := r.load(ctx, id)
		if err != nil {
			return Opened{}, err
		}
		c := *snapshot.Case
		answer := Opened{Case: id, State: StateInReview}
		key := origin.Of(order.Principal, order.Key).Key
		// Who confirmed a proposal answers for it as much, and names the proposal.
		theirs := func(ruling Ruling) bool {
			alone := ruling.Second == nil || ruling.Second.Answer == SecondConfirmed // what is only proposed is withdrawn
			return alone && ruling.Origin.Key == key && ruling.By == order.By || ruling.ConfirmedBy(order.By) && ruling.Proposal() == order.Key
		}
		if c.State == StateInReview && c.Ruling != nil && theirs(*c.Ruling) && !c.Ruling.Effective(now) {
			err = r.Store.RecordTakeBack(ctx, c, c.takeBack(order.By, now))
			return answer, fault.At("refund.TakeBack: record", string(id), err)
		}
		rulings := c.rulings()
		i := slices.IndexFunc(rulings, theirs)
		if i < 0 {
			return Opened{}, fault.NotFound("ruling")
		}
		if answer.Replayed = !rulings[i].TakenBackAt.IsZero(); answer.Replayed {
			return answer, nil
		}
		return Opened{}, c.refusal(CodeTakeBackLate, "the ruling is carried out: it cannot be taken back any more")
	})
}

// takeBack returns the case in review again, as it was before its ruling.
func (c Case) takeBack(by string, now time.Time) Case {
	ruling := *c.Ruling
	ruling.TakenBackAt = now
	c.Ruling = &ruling
	return c.unrule(Event{At: now, Actor: ledger.ActorStaff, By: by, Note: "took the ruling back"}, now.Add(todo.Resend))
}
