package notice

import (
	"context"
	"encoding/json"
	"time"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/text"
	"makegood/shared/todo"
)

// TypePartial is the type of the post about a generation of which not all outputs came.
const TypePartial = "generation.partial"

// Generations is what notifying of a generation needs of a store.
type Generations interface {
	// FindGeneration returns the generation by a consistent read, nil when there is none.
	FindGeneration(ctx context.Context, id generation.ID) (*generation.Generation, error)
	// MarkPartialNotified takes the notice off what is due on the generation; a generation without
	// one is left alone.
	MarkPartialNotified(ctx context.Context, id generation.ID) error
}

// PartialPosted is the webhook's body about a generation of which not all outputs came.
// Why: infra/decisions/0027.
type PartialPosted struct {
	Type      string      `json:"type"`      // TypePartial
	Timestamp string      `json:"timestamp"` // when the result was recorded
	Data      PartialData `json:"data"`      // the generation
}

// PartialData is what came of a generation, and what it cost.
type PartialData struct {
	Generation generation.ID     `json:"generation"`          // the generation's id
	Customer   ledger.CustomerID `json:"customer"`            // whose generation it is
	Reference  string            `json:"reference,omitempty"` // the app's own reference; absent without one
	Outputs    int               `json:"outputs"`             // how many were ordered
	Came       int               `json:"came"`                // how many came
	Charged    ledger.Credits    `json:"charged"`             // credits captured, as of the result
	Released   ledger.Credits    `json:"released"`            // credits given back for outputs that did not come
	Words      string            `json:"words"`               // the policy's sentence for the person
	Balance    Balance           `json:"balance"`             // the wallet as of the post
}

// NotifyPartial notifies the app that not all outputs of the generation came, and marks it. It is
// not mailed: the customer has the pictures that came before them. A generation without a due
// notice is left alone.
//
// Errors: KindNotFound when there is no such generation; the webhook's error when the server did
// not take the notice. The notice then stays due.
func (t Notifier) NotifyPartial(ctx context.Context, request message.GenerationPartial, now time.Time) error {
	id, err := generation.ParseID(request.Generation)
	if err != nil {
		return err
	}
	return dueNotice[generation.Generation]{
		name: "generation", id: request.Generation,
		find: func(ctx context.Context) (*generation.Generation, error) {
			return t.Generations.FindGeneration(ctx, id)
		},
		isDue:  func(current generation.Generation) bool { return current.Todo.Has(todo.StepNotice) },
		notify: func(ctx context.Context, current generation.Generation) error { return t.postPart(ctx, current, now) },
		mark:   func(ctx context.Context) error { return t.Generations.MarkPartialNotified(ctx, id) },
	}.notifyOnce(ctx)
}

func (t Notifier) postPart(ctx context.Context, g generation.Generation, now time.Time) error {
	// Without a webhook there is nobody to notify: no mail goes out for a part.
	if t.Webhook == nil {
		return nil
	}
	balance, err := t.balance(ctx, g.Customer, now)
	if err != nil {
		return err
	}
	body, err := json.Marshal(PartialPosted{
		Type: TypePartial, Timestamp: text.Moment(g.RecordedAt),
		Data: PartialData{
			Generation: g.ID, Customer: g.Customer, Reference: g.Reference, Outputs: g.Outputs, Came: g.Came(),
			Charged: g.Captured, Released: g.Released, Words: t.partWords(g), Balance: balance,
		},
	})
	if err != nil {
		return err
	}
	return t.deliver(ctx, string(g.ID)+"."+TypePartial, body, now)
}

// partWords returns the sentence of the policy that was in force when the result was recorded.
func (t Notifier) partWords(g generation.Generation) string {
	// The policy has a sentence for each of three cases: some came, none came, nothing was charged.
	message, from := policy.MessagePartial, policy.Fill{Came: g.Came(), Outputs: g.Outputs}
	switch {
	case g.Released == 0: // nothing was charged for any
		message = policy.MessagePartialFree
	case g.Came() == 0:
		message = policy.MessagePartialNone
	}
	from.Remedy = policy.InCredits(g.Released)
	return t.InForce(g.RecordedAt).Message(message, from, reads(g.Locale)...)
}
