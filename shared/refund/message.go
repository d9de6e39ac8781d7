package refund

import (
	"slices"
	"strconv"
	"time"

	"makegood/shared/policy"
	"makegood/shared/todo"
)

// MessageType is what a customer is told of a case.
type MessageType string

// The types; the zero value is invalid.
const (
	MessageReceived MessageType = "refund.received" // a person will look at the case
	MessageDecided  MessageType = "refund.decided"  // it is approved or declined
	MessagePaid     MessageType = "refund.paid"     // its money went back
	MessageFailed   MessageType = "refund.failed"   // its money did not go back; a person will look again
)

// messageSteps lists the steps that a message is owed as, in the order in which messages go out.
var messageSteps = []todo.Step{todo.StepNotice, todo.StepFailed, todo.StepPaid}

// Message is one thing that a customer is told of a case. Notice is that of the verdict which it is
// about, numbered as on the case. Number counts the case's messages of paid money, and those of
// failed money, from 1, since money can come back and go again under one verdict; 0 for the other
// types. Type, notice and number tell one message of a case from another.
type Message struct {
	Type   MessageType
	Notice string
	Number int
}

// Step returns what a case owes while nobody was told the message.
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
	key := string(m.Type) + "." + m.Notice
	if m.Number > 1 {
		key += "." + strconv.Itoa(m.Number)
	}
	return key
}

// ID is the same for every repeat of the message, and of no other.
func (m Message) ID(about CaseID) string { return string(about) + "." + m.Key() }

// Owed returns the messages that the case still owes, in the order in which they came about; none
// while it has no verdict.
func (c Case) Owed() []Message {
	var messages []Message
	for _, step := range messageSteps {
		if c.Decision != nil && c.Todo.Has(step) {
			messages = append(messages, c.message(c.messageType(step)))
		}
	}
	return messages
}

// Owes reports whether the case still owes that message: not one that came before.
func (c Case) Owes(m Message) bool { return c.Todo.Has(m.Step()) && c.message(m.Type) == m }

// message returns the case's latest message of that type.
func (c Case) message(kind MessageType) Message {
	return Message{Type: kind, Notice: c.Notice, Number: c.times(kind)}
}

// times returns how often the case's money arrived, or did not, by its history; 0 for messages that
// are about no money.
func (c Case) times(kind MessageType) int {
	count, before := 0, StateReceived
	for _, event := range c.History {
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

// MessageAt returns when what the message tells came about, by the case's history.
func (c Case) MessageAt(m Message) time.Time {
	states := map[MessageType][]State{
		MessageReceived: {StateInReview}, MessageFailed: {StateInReview}, MessagePaid: {StateClosed},
		MessageDecided: {StateApproved, StateDeclined, StatePaying},
	}[m.Type]
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

// WhileRuled returns what the case owes while a ruling on it waits to be carried out, by due. The
// notice of the verdict so far is owed no more, since the ruling's takes its place; that its money
// failed is.
func (c Case) WhileRuled(due time.Time) todo.List {
	steps := todo.List{todo.StepRefund: due}
	if c.Todo.Has(todo.StepFailed) {
		steps[todo.StepFailed] = c.Todo[todo.StepFailed]
	}
	return steps
}

// owe returns what the case owes once it is told what became of its money, instead of what came of
// it before.
func (c Case) owe(m Message, now time.Time) todo.List {
	next := todo.List{m.Step(): c.noticeDue(now)}
	for step, at := range c.Todo {
		if step != todo.StepPaid && step != todo.StepFailed {
			next[step] = at
		}
	}
	return next
}

// Approved returns the last verdict before the one that stands that approved, nil where none did:
// its money did not go back.
func (c Case) Approved() *policy.Decision { return approvedAmong(c.Earlier) }

// MoneyBack returns what the money that the case tells of was approved as: the remedy of its
// verdict, or where that gives nothing back, since the customer appealed meanwhile, of the last
// that approved. nil where none did.
func (c Case) MoneyBack() *policy.Remedy {
	if c.Decision != nil && c.Decision.Remedy != nil {
		return c.Decision.Remedy
	}
	if verdict := c.Approved(); verdict != nil {
		return verdict.Remedy
	}
	return nil
}

// ApprovedBeforeFirst is Approved of the answer that the case's appeal is against.
func (c Case) ApprovedBeforeFirst() *policy.Decision {
	for i, verdict := range slices.Backward(c.Earlier) {
		if verdict.Outcome == policy.OutcomeDeclined {
			return approvedAmong(c.Earlier[:i])
		}
	}
	return nil
}

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
