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

// Generations is what telling of a generation needs of a store.
type Generations interface {
	// FindGeneration returns the generation by a consistent read, nil when there is none.
	FindGeneration(ctx context.Context, id generation.ID) (*generation.Generation, error)
	// MarkPartTold takes the notice off what the generation owes; one that owes none is left alone.
	MarkPartTold(ctx context.Context, id generation.ID) error
}

// PartialPosted is the webhook's body about a generation of which not all outputs came. Timestamp is when its result was recorded.
type PartialPosted struct {
	Type      string      `json:"type"`
	Timestamp string      `json:"timestamp"`
	Data      PartialData `json:"data"`
}

// PartialData is what came of a generation, and what it cost. Charged and Released are credits as of its result; Balance is the wallet's as
// of the post.
type PartialData struct {
	Generation generation.ID     `json:"generation"`
	Customer   ledger.CustomerID `json:"customer"`
	Reference  string            `json:"reference,omitempty"`
	Outputs    int               `json:"outputs"`
	Came       int               `json:"came"`
	Charged    ledger.Credits    `json:"charged"`
	Released   ledger.Credits    `json:"released"`
	Words      string            `json:"words"`
	Balance    Balance           `json:"balance"`
}

// TellPart tells the app that not all outputs of the generation came, and marks it. It is not mailed: the customer has the pictures that
// came before them. A generation that owes no notice is left alone. KindNotFound when there is no such generation; the webhook's error
// when the server did not take the notice: then the generation still owes it.
func (t Teller) TellPart(ctx context.Context, request message.GenerationPartial, now time.Time) error {
	id, err := generation.ParseID(request.Generation)
	if err != nil {
		return err
	}
	return owing[generation.Generation]{
		name: "generation",
		find: func(ctx context.Context) (*generation.Generation, error) {
			return t.Generations.FindGeneration(ctx, id)
		},
		owes: func(found generation.Generation) bool { return found.Todo.Has(todo.StepNotice) },
		tell: func(ctx context.Context, found generation.Generation) error { return t.postPart(ctx, found, now) },
		mark: func(ctx context.Context) error { return t.Generations.MarkPartTold(ctx, id) },
	}.tellOnce(ctx)
}

func (t Teller) postPart(ctx context.Context, g generation.Generation, now time.Time) error {
	if t.Webhook == nil {
		return nil
	}
	balance, err := t.balance(ctx, g.Customer, now)
	if err != nil {
		return err
	}
	words, err := t.partWords(g)
	if err != nil {
		return err
	}
	body, err := json.Marshal(PartialPosted{
		Type: TypePartial, Timestamp: text.Moment(g.RecordedAt),
		Data: PartialData{
			Generation: g.ID, Customer: g.Customer, Reference: g.Reference, Outputs: g.Outputs, Came: g.Came(),
			Charged: g.Captured, Released: g.Released, Words: words, Balance: balance,
		},
	})
	if err != nil {
		return err
	}
	return t.deliver(ctx, string(g.ID)+"."+TypePartial, body, now)
}

// partWords returns the sentence of the policy that was in force when the result was recorded.
func (t Teller) partWords(g generation.Generation) (string, error) {
	revision, err := t.InForce(g.RecordedAt)
	if err != nil {
		return "", err
	}
	message, from := policy.MessagePartial, policy.Fill{Came: g.Came(), Outputs: g.Outputs}
	switch {
	case g.Released == 0: // nothing was charged for any
		message = policy.MessagePartialFree
	case g.Came() == 0:
		message = policy.MessagePartialNone
	}
	from.Remedy = &policy.Remedy{Credits: g.Released, To: policy.ToBalance}
	return revision.Message(message, from, reads(g.Locale)...), nil
}
