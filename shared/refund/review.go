package refund

import (
	"context"
	"fmt"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/text"
	"makegood/shared/todo"
)

// MaxNote bounds the note of a ruling, in characters.
const MaxNote = 500

// Reviewer takes what staff rule on cases in review. It records the ruling, which is final, and leaves it to the decider to carry it out:
// verdict and effect are one transaction there.
type Reviewer struct {
	Store    Reviews
	Policy   func() (Policy, error)
	Requests Requests
}

// RulingOrder is a ruling as staff give it. Remedy nil: the kind's own default. Principal and Key are the caller and its idempotency key.
type RulingOrder struct {
	Ruling    policy.Ruling
	Note      string
	Principal string
	Key       string
}

// Rule records the ruling on a case in review, once: whoever comes second gets KindConflict already_decided with the case, a repeat of
// the first gets the first answer. State is where the ruling takes the case; the case shows it once it is carried out.
//
// Other errors: KindInvalid (note, outcome, remedy…: never more than was charged), KindNotFound, KindBusy (also for a case that the
// policy has not looked at yet).
func (r Reviewer) Rule(ctx context.Context, id CaseID, order RulingOrder, now time.Time) (Opened, error) {
	note := strings.TrimSpace(order.Note)
	if err := text.Check("note", note, MaxNote); err != nil {
		return Opened{}, err
	}
	if err := order.Ruling.Validate(); err != nil {
		return Opened{}, err
	}
	ruling := Ruling{Ruling: order.Ruling, Note: note, At: now, Origin: originOf(order.Principal, order.Key, string(id), note, inWords(order.Ruling))}
	var opened Opened
	var reviewed Case
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		opened, reviewed, err = r.attempt(ctx, id, ruling, now)
		return err
	})
	if err != nil || opened.Replayed && (reviewed.State != StateInReview || reviewed.Ruling == nil) {
		return opened, err
	}
	return opened, r.Requests.Request(ctx, message.NewCaseRequested(string(id), reviewed.Generation, reviewed.Payment))
}

// attempt returns the answer and the case as it was read.
func (r Reviewer) attempt(ctx context.Context, id CaseID, ruling Ruling, now time.Time) (Opened, Case, error) {
	found, err := load(ctx, r.Store, Matter{Case: id})
	if err != nil {
		return Opened{}, Case{}, err
	}
	if found.Case == nil {
		return Opened{}, Case{}, fault.NotFound("case")
	}
	reviewed := *found.Case
	if reviewed.Ruling != nil {
		opened, err := reviewed.replayRuling(ruling.Origin)
		return opened, reviewed, err
	}
	if was := reviewed.Overruled; was != nil {
		if replayed, err := was.Origin.replays(ruling.Origin); replayed || err != nil {
			return Opened{Case: id, State: stateOf(was.Ruling), Replayed: replayed}, reviewed, err
		}
	}
	switch reviewed.State {
	case StateReceived:
		return Opened{}, reviewed, fault.Busy(fmt.Errorf("refund: the policy has not decided %s yet", id))
	case StateInReview:
	default:
		return Opened{}, reviewed, reviewed.alreadyDecided()
	}
	published, err := r.Policy()
	if err != nil {
		return Opened{}, reviewed, err
	}
	record := onRecord(payment.Receiver{Catalog: published}, published, found, reviewed)
	verdict, err := policy.Rule(record.revision, record.Facts, *reviewed.Decision, ruling.Ruling, now)
	if err != nil {
		return Opened{}, reviewed, err
	}
	ruling.Remedy = verdict.Remedy
	if verdict.Remedy != nil && verdict.Remedy.Money != nil && found.Payment != nil && found.Payment.Disputed() {
		return Opened{}, reviewed, fault.Invalid("remedy.money", "the payment is disputed: the bank holds the money")
	}
	opened := Opened{Case: id, State: stateOf(ruling.Ruling)}
	return opened, reviewed, r.Store.RecordRuling(ctx, id, ruling, now.Add(todo.Resend))
}

// replayRuling returns the first answer for a repeat of the ruling that is recorded, else already_decided.
func (c Case) replayRuling(request Origin) (Opened, error) {
	replayed, err := c.Ruling.Origin.replays(request)
	if err != nil {
		return Opened{}, err
	}
	if !replayed {
		return Opened{}, c.alreadyDecided()
	}
	return Opened{Case: c.ID, State: stateOf(c.Ruling.Ruling), Replayed: true}, nil
}

func (c Case) alreadyDecided() error {
	return &fault.Error{Kind: fault.KindConflict, Code: fault.CodeAlreadyDecided, Detail: "the case is decided", Case: string(c.ID)}
}

// inWords tells one ruling from another.
func inWords(ruling policy.Ruling) string {
	words := string(ruling.Outcome)
	if ruling.Remedy != nil {
		words += fmt.Sprint(" ", ruling.Remedy.Credits)
		if ruling.Remedy.Money != nil {
			words += fmt.Sprint(" ", *ruling.Remedy.Money)
		}
	}
	return words
}
