package refund

import (
	"slices"
	"strconv"
	"time"

	"makegood/shared/policy"
	"makegood/shared/todo"
)

// MessageType is what a message tells a customer about their case.
type MessageType string

// The types; the zero value is invalid.
const (
	MessageReceived MessageType = "refund.received" // a person will look at the case
	MessageDecided  MessageType = "refund.decided"  // it is approved or declined
	MessagePaid     MessageType = "refund.paid"     // its money went back
	MessageFailed   MessageType = "refund.failed"   // its money did not go back; a person will look again
)

// messageSteps lists the steps that send a message, in the order in which messages go out.
var messageSteps = []todo.Step{todo.StepNotice, todo.StepFailed, todo.StepPaid}

// Message is one message to a customer about their case. Type, notice and number together tell one
// message of a case from another.
type Message struct {
	// Type is what the message tells.
	Type MessageType
	// Notice is the notice of the verdict that the message is about, numbered as on the case.
	Notice string
	// Number counts a case's messages of paid money, and apart from them those of failed money,
	// from 1: money can come back and go again under one verdict. 0 for the other types.
	Number int
}

// Step returns the step that is due on the case until the message was sent.
func (m Message) Step() todo.Step {
	switch m.Type {
	case MessagePaid:
		return todo.StepPaid
	case MessageFailed:
		return todo.StepFailed
	default:
		return todo.StepNotice
	}
}

// Key tells the message from the case's others.
func (m Message) Key() string {
	// Only a second piece of the same news has a number: most cases pay once.
	key := string(m.Type) + "." + m.Notice
	if m.Number > 1 {
		key += "." + strconv.Itoa(m.Number)
	}
	return key
}

// ID is the same for every repeat of the message, and of no other.
func (m Message) ID(about CaseID) string { return string(about) + "." + m.Key() }

// Owed returns the messages that are still due, in the order in which they came about. A case
// without a verdict has none.
func (c Case) Owed() []Message {
	var messages []Message
	for _, step := range messageSteps {
		if c.Decision != nil && c.Todo.Has(step) {
			messages = append(messages, c.message(c.messageType(step)))
		}
	}
	return messages
}

// Latest returns the message of the case's latest news, whether it was sent or not; false where the
// case has no verdict.
func (c Case) Latest() (Message, bool) {
	switch {
	case c.Decision == nil:
		return Message{}, false
	case c.State == StateClosed:
		return c.message(MessagePaid), true
	// Any other case in review has a verdict that says so.
	case c.State == StateInReview && c.Decision.Outcome == policy.OutcomeApproved:
		return c.message(MessageFailed), true
	}
	return c.message(c.messageType(todo.StepNotice)), true
}

// HasDue reports whether exactly this message is still due. A message of an earlier verdict is not,
// though its step is the same.
func (c Case) HasDue(m Message) bool { return c.Todo.Has(m.Step()) && c.message(m.Type) == m }

// message returns the case's latest message of that type.
func (c Case) message(kind MessageType) Message {
	return Message{Type: kind, Notice: c.Notice, Number: c.times(kind)}
}

// times returns how often the case's money arrived (MessagePaid), or failed to (MessageFailed), by
// the case's history. 0 for messages that are about no money.
func (c Case) times(kind MessageType) int {
	count, before := 0, StateReceived
	for _, event := range c.History {
		// A case enters review for other reasons too. Only the way there from money that was
		// promised or paid is a failure of money.
		money := before == StatePaying || before == StateClosed
		switch {
		case kind == MessagePaid && event.State == StateClosed && before != StateClosed,
			kind == MessageFailed && event.State == StateInReview && money:
			count++
		}
		before = event.State
	}
	return count
}

// messageType returns the message that the step sends, by the verdict in force.
func (c Case) messageType(step todo.Step) MessageType {
	switch {
	case step == todo.StepPaid:
		return MessagePaid
	case step == todo.StepFailed:
		return MessageFailed
	case c.Decision.Outcome == policy.OutcomeInReview:
		return MessageReceived
	}
	return MessageDecided
}

// MessageAt returns when the news of the message came about, by the case's history.
func (c Case) MessageAt(m Message) time.Time {
	states := map[MessageType][]State{
		MessageReceived: {StateInReview}, MessageFailed: {StateInReview}, MessagePaid: {StateClosed},
		MessageDecided: {StateApproved, StateDeclined, StatePaying},
	}[m.Type]
	// The last such line counts: earlier ones had messages of their own.
	at := c.OpenedAt
	for _, event := range c.History {
		for _, state := range states {
			if event.State == state {
				at = event.At
			}
		}
	}
	return at
}

// WhileRuled returns the steps of the case while a ruling waits to be carried out: the ruling by
// due, and the message of failed money where it was not sent. The notice of the verdict so far is
// dropped, since the ruling's own follows at once.
func (c Case) WhileRuled(due time.Time) todo.List {
	steps := todo.List{todo.StepRefund: due}
	if c.Todo.Has(todo.StepFailed) {
		steps[todo.StepFailed] = c.Todo[todo.StepFailed]
	}
	return steps
}

// scheduleNews returns the steps of the case with a message of what became of its money. It takes
// the place of an earlier message of money that was not sent, which would be wrong by now.
func (c Case) scheduleNews(m Message, now time.Time) todo.List {
	next := todo.List{m.Step(): c.noticeDue(now)}
	for step, at := range c.Todo {
		if step != todo.StepPaid && step != todo.StepFailed {
			next[step] = at
		}
	}
	return next
}

// Approved returns the last approval before the verdict in force, nil where there was none. The
// money of that approval did not go back.
func (c Case) Approved() *policy.Decision { return approvedAmong(c.Earlier) }

// MoneyBack returns the remedy that the case's messages of money are about. It is the remedy of the
// verdict in force, or of the last approval where that verdict gives nothing back: the customer may
// have appealed while the money was on its way. nil where nothing was approved.
func (c Case) MoneyBack() *policy.Remedy {
	if c.Decision != nil && c.Decision.Remedy != nil {
		return c.Decision.Remedy
	}
	if verdict := c.Approved(); verdict != nil {
		return verdict.Remedy
	}
	return nil
}

// ApprovedBeforeFirst returns the last approval before the decline that the appeal is against, nil
// where there was none.
func (c Case) ApprovedBeforeFirst() *policy.Decision {
	for i, verdict := range slices.Backward(c.Earlier) {
		if verdict.Outcome == policy.OutcomeDeclined {
			return approvedAmong(c.Earlier[:i])
		}
	}
	return nil
}

// approvedAmong returns the last of the verdicts that approved, nil where none did.
func approvedAmong(verdicts []policy.Decision) *policy.Decision {
	for i := range slices.Backward(verdicts) {
		if verdicts[i].Outcome == policy.OutcomeApproved {
			return &verdicts[i]
		}
	}
	return nil
}

// OpenedBy reports whether the actor opened the case.
func (c Case) OpenedBy(actor string) bool { return len(c.History) > 0 && c.History[0].Actor == actor }
