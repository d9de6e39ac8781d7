package refund

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// failedPayTerm is how long staff have to look at a case whose money did not go back.
const failedPayTerm = 24 * time.Hour

// stateOf returns the state that a verdict puts a case in.
func stateOf(verdict policy.Ruling) State {
	switch verdict.Outcome {
	case policy.OutcomeApproved:
		switch policy.ArmOf(verdict.Remedy) {
		case policy.ArmMoney:
			return StatePaying // closed once the customer has it
		case policy.ArmCredits:
		}
		return StateApproved // credits come in the same commit
	case policy.OutcomeDeclined:
		return StateDeclined
	default:
		return StateInReview
	}
}

// decide returns the case with the verdict, its line of history, and the notice that is due. The
// event says who decided, and why.
func (c Case) decide(verdict policy.Decision, event Event, now time.Time) Case {
	// A verdict is never overwritten: staff and appeals go by the ones before.
	if c.Decision != nil {
		c.Earlier = append(slices.Clip(c.Earlier), *c.Decision)
	}
	// Who ruled alone has one line, the verdict's. What came of a proposal has more.
	if c.Ruling != nil && c.Ruling.Second != nil && event.Actor == ledger.ActorStaff {
		c.History = append(slices.Clip(c.History), c.Ruling.lines()...)
	}
	state := stateOf(policy.Ruling{Outcome: verdict.Outcome, Remedy: verdict.Remedy})
	if state != StateInReview {
		c = c.overtake()
	}
	// The notice counts the history before this verdict's line is added to it.
	notice := c.notice(verdict.Notice)
	c.State, c.Decision, c.Notice = state, &verdict, notice
	// Clip: the case that was read keeps its own history, for the condition of the commit.
	event.At, event.State = now, c.State
	c.History = append(slices.Clip(c.History), event)
	// A date to answer by puts the case in staff's list, so only a case in review has one.
	c.ReviewBy = time.Time{}
	if c.State == StateInReview {
		c.ReviewBy = c.answerDue()
	}
	// The notice replaces what was due. What was told of the verdict before is not told of this
	// one.
	c.Todo, c.Attempts, c.NotifiedAt = todo.List{todo.StepNotice: c.noticeDue(now)}, 0, time.Time{}
	c.give = ""
	return c
}

// notice returns the name under which the case tells of a new verdict. The notifier sends each name
// once. So a verdict that follows a promise of money, or an appeal, has a number behind its name.
func (c Case) notice(name string) string {
	turns := 1
	for _, event := range c.History {
		if event.State == StatePaying {
			turns++
		}
	}
	if c.Appeal != nil {
		turns++
	}
	if turns == 1 {
		return name
	}
	return fmt.Sprintf("%s.%d", name, turns)
}

// answerDue returns when the answer to a case in review is due: as the policy promised, or after
// reviewAfter where it promised nothing. Where its money did not go back, it is failedPayTerm after
// that was known.
func (c Case) answerDue() time.Time {
	if failedAt := c.moneyFailedAt(); !failedAt.IsZero() {
		return failedAt.Add(failedPayTerm)
	}
	if c.Decision.RespondBy != nil {
		return *c.Decision.RespondBy
	}
	// The term of an appeal starts with the appeal: the case's own was over with its first answer.
	if c.Appealing() {
		return c.Appeal.At.Add(reviewAfter)
	}
	return c.OpenedAt.Add(reviewAfter)
}

// sync returns the case after news of its money. It is closed once the customer has the money,
// and in review again once it is known that the money will not come.
func (c Case) sync(progress payment.Progress, now time.Time) Case {
	// First what the news would make of the case, and which message it would send.
	event, news := Event{At: now, State: StateClosed, Actor: ledger.ActorSystem}, MessagePaid
	switch progress {
	case payment.ProgressPaid:
		event.Note = "the money went back"
	case payment.ProgressExternal:
		event.Note = "the money had gone back already"
	default:
		event.State, event.Note = StateInReview, "the money did not go back: a person will look again"
		news = MessageFailed
	}
	switch {
	// Money may arrive after it failed, while staff look again: that closes the case too.
	case c.State == StatePaying || c.State == StateClosed || c.State == StateInReview && event.State == StateClosed:
		// The same news twice is recorded twice, but the customer reads it once.
		if c.State != event.State {
			c.Todo, c.Attempts = c.scheduleNews(Message{Type: news}, now), 0
		}
		c.State, c.ReviewBy, c.Todo = event.State, time.Time{}, maps.Clone(c.Todo)
		// A ruling that came too late has nothing left to carry out.
		delete(c.Todo, todo.StepRefund)
		if c.State == StateInReview {
			c = c.overrule()
		}
		c = c.overtake()
	// Staff decided otherwise meanwhile, or have the case before them: the news is noted for them.
	default:
		event.State = c.State
	}
	c.History = append(c.History[:len(c.History):len(c.History)], event)
	if c.Waiting() {
		c.ReviewBy = c.answerDue()
	}
	return c
}

// moneyFailedAt returns when the case came to review because its money did not go back, zero where
// that is not why it is there.
func (c Case) moneyFailedAt() (at time.Time) {
	before := StateReceived
	for _, event := range c.History {
		if event.State == StateInReview && before != StateInReview {
			if at = (time.Time{}); before == StatePaying || before == StateClosed {
				at = event.At
			}
		}
		before = event.State
	}
	return at
}

// reopen returns the case in review again after its ruling could not be carried out. The ruling
// leaves the case, its note stays in the history.
func (c Case) reopen(now time.Time) Case {
	return c.unrule(Event{At: now, Actor: ledger.ActorSystem, Note: "what is on record has changed: a person will look again"}, now.Add(todo.Resend))
}

// unrule returns the case in review again without its ruling, with the line that says why. What was
// due before the ruling is due at resend.
func (c Case) unrule(why Event, resend time.Time) Case {
	// Both lines, so that staff read what was ruled, and that it did not come to pass.
	why.State = StateInReview
	c.History = slices.Concat(c.History, c.Ruling.lines(), []Event{why})
	c = c.overrule()
	steps := maps.Clone(c.Todo)
	delete(steps, todo.StepRefund)
	// The ruling had cancelled the notice of the review (WhileRuled). A customer who never got it
	// gets it now; the message of failed money stays due as it was.
	if c.NotifiedAt.IsZero() {
		steps[todo.StepNotice] = resend
	}
	c.ReviewBy, c.Todo, c.Attempts = c.answerDue(), steps, 0
	return c.await(resend)
}

// overrule moves the ruling to those that were overruled.
func (c Case) overrule() Case {
	if c.Ruling != nil {
		c.Overruled, c.Ruling = append(slices.Clip(c.Overruled), *c.Ruling), nil
	}
	return c
}

// noticeDue returns when the sweep sends the notice of a new verdict, should its own message be
// lost: todo.Resend from now. An instant that is due already serves as well, where it leaves the
// message at least half that time: an instant that does not change costs no index write.
func (c Case) noticeDue(now time.Time) time.Time {
	if rest := c.Todo.Due().Sub(now); rest >= todo.Resend/2 && rest <= todo.Resend {
		return c.Todo.Due()
	}
	return now.Add(todo.Resend)
}
