package refund

import (
	"slices"
	"time"

	"makegood/shared/policy"
)

// News is a message of a case's life, and what it was about.
type News struct {
	// Message is what its customer was notified of, or is to be.
	Message Message
	// At is when it came about.
	At time.Time
	// Case is the case as it was then, as far as a message tells of it: its verdicts, state and
	// history.
	Case Case
}

// News returns every message of the case's life, oldest first, sent or not. What a case has come to
// is all that it goes by, so that nothing need be kept of a message.
// Why: infra/decisions/0078.
func (c Case) News() []News {
	var list []News
	verdict, prior := -1, StateReceived
	for i, event := range c.History {
		kind, about := c.newsOf(prior, event.State, verdict)
		if kind != "" && about >= 0 {
			past := c.asOf(about, i)
			// The notice is named by the history before its verdict's line. News of money bears the
			// name of the verdict that it follows.
			if about == verdict {
				past.Notice = list[len(list)-1].Case.Notice
			} else {
				before := past
				before.History = c.History[:i]
				past.Notice = before.notice(past.Decision.Notice)
			}
			list = append(list, News{Message: past.message(kind), At: event.At, Case: past})
		}
		verdict, prior = about, event.State
	}
	// A review that goes on for another reason is no new message: it says the latest reason.
	if last := len(c.Verdicts()) - 1; c.State == StateInReview && c.Decision != nil && c.Decision.Outcome == policy.OutcomeInReview && verdict < last {
		now := &list[len(list)-1].Case
		notice := now.Notice
		*now = c.asOf(last, len(now.History)-1)
		now.Notice = notice
	}
	return list
}

// newsOf returns the message that comes of a line of history, "" for none, and the verdict in force
// from then on, by its place among all of them (-1: none yet). A line that repeats the state before
// only notes something, and so tells nothing.
func (c Case) newsOf(prior, state State, verdict int) (MessageType, int) {
	if state == prior {
		return "", verdict
	}
	switch verdicts := c.Verdicts(); state {
	case StateClosed:
		return MessagePaid, verdict
	case StateInReview:
		if prior == StatePaying || prior == StateClosed {
			return MessageFailed, verdict
		}
		if next := verdict + 1; next < len(verdicts) && verdicts[next].Outcome == policy.OutcomeInReview {
			return MessageReceived, next
		}
	case StateApproved, StateDeclined, StatePaying:
		// A review that goes on for another reason has a verdict and no line of its own.
		for next := verdict + 1; next < len(verdicts); next++ {
			if verdicts[next].Outcome != policy.OutcomeInReview {
				return MessageDecided, next
			}
		}
	case StateReceived:
	}
	return "", verdict
}

// asOf returns the case as it was under its nth verdict, at that line of its history.
func (c Case) asOf(n, line int) Case {
	verdicts := c.Verdicts()
	c.Decision, c.Earlier = &verdicts[n], verdicts[:n]
	c.State, c.History = c.History[line].State, c.History[:line+1]
	if !slices.ContainsFunc(verdicts[:n+1], policy.Decision.Receipt) {
		c.Appeal = nil
	}
	return c
}
