// Package notice owns telling the customer of a verdict: what the app hears, and that it hears it at least once.
//
// It refuses to know why a verdict was given, and how words reach a person: the app's server gets a webhook, or the app reads the case.
//
// Invariants: a case is marked as told only after the app's server took the notice; a case that owes no notice is told nothing;
// a repeat carries the same notice id, so that the app can tell one from the other.
//
// Words: notice (the word of the contract: refunded, thanks_for_feedback…), words (the policy's sentence for the person), told.
package notice

import (
	"context"
	"encoding/json"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// Cases is what telling needs of a store.
type Cases interface {
	// FindCase returns the case by a consistent read, nil when there is none.
	FindCase(ctx context.Context, id refund.CaseID) (*refund.Case, error)
	// FindWallet returns the customer's wallet, the zero one when nobody has written it yet.
	FindWallet(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, error)
	// MarkTold takes the notice off what the case owes; one that owes none is left alone. KindStale when the case has changed meanwhile.
	MarkTold(ctx context.Context, id refund.CaseID, at time.Time) error
}

// Webhook is the app's server. Post delivers the body under the id, signed as of now; nil means that the server took it.
type Webhook interface {
	Post(ctx context.Context, id string, body []byte, now time.Time) error
}

// Policies knows the words of a policy's revision; false when it is not among the published ones.
type Policies func(ref policy.Ref) (policy.Revision, bool)

// Teller tells. Without a Webhook (nil) the app reads its cases by itself, and a case is told once its verdict is recorded.
type Teller struct {
	Store    Cases
	Policies Policies
	Webhook  Webhook
}

// Told is the webhook's body. Balance is the wallet's as of the telling; credits held for running generations are not in it.
// Words fall back to the verdict's reason when its revision is no longer published.
type Told struct {
	Type     string            `json:"type"`
	Case     refund.CaseID     `json:"case"`
	Customer ledger.CustomerID `json:"customer"`
	Outcome  policy.Outcome    `json:"outcome"`
	Clause   string            `json:"clause"`
	Notice   string            `json:"notice"`
	Words    string            `json:"words"`
	Remedy   *policy.Remedy    `json:"remedy,omitempty"`
	Balance  Balance           `json:"balance"`
}

// Balance is credits in the wallet's smallest unit.
type Balance struct {
	Available ledger.Credits `json:"available"`
	Owed      ledger.Credits `json:"owed"`
}

// ID returns the id of the notice: a case is told each of its notices once.
func (t Told) ID() string { return string(t.Case) + "." + t.Notice }

// Tell tells the app of the case's verdict and marks it. A case that owes no notice, because it was told before, is left alone.
// KindNotFound when there is no such case; the webhook's error when the server did not take it, and then the case still owes the notice.
func (t Teller) Tell(ctx context.Context, request message.RefundDecided, now time.Time) error {
	id, err := refund.ParseCaseID(request.Case)
	if err != nil {
		return err
	}
	var found *refund.Case
	err = fault.Retry(ctx, func(ctx context.Context) (err error) {
		found, err = t.Store.FindCase(ctx, id)
		return err
	})
	switch {
	case err != nil:
		return err
	case found == nil:
		return fault.NotFound("case")
	case !found.Todo.Has(todo.StepNotice):
		return nil
	}
	if t.Webhook != nil {
		if err := t.post(ctx, *found, now); err != nil {
			return err
		}
	}
	return fault.Retry(ctx, func(ctx context.Context) error { return t.Store.MarkTold(ctx, id, now) })
}

func (t Teller) post(ctx context.Context, c refund.Case, now time.Time) error {
	if c.Decision == nil {
		return fault.Errorf(fault.KindInternal, fault.CodeInternal, "case %s owes a notice of no verdict", c.ID)
	}
	var wallet ledger.Wallet
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		wallet, err = t.Store.FindWallet(ctx, c.Customer)
		return err
	})
	if err != nil {
		return err
	}
	told := t.told(c, wallet, now)
	body, err := json.Marshal(told)
	if err != nil {
		return err
	}
	return t.Webhook.Post(ctx, told.ID(), body, now)
}

func (t Teller) told(c refund.Case, wallet ledger.Wallet, now time.Time) Told {
	words := c.Decision.Reason
	if revision, published := t.Policies(c.Decision.Policy); published {
		words = revision.Notice(c.Kind, c.Decision.Outcome).Words
	}
	return Told{
		Type: message.TypeRefundDecided, Case: c.ID, Customer: c.Customer,
		Outcome: c.Decision.Outcome, Clause: c.Decision.Clause, Notice: c.Notice, Words: words, Remedy: c.Decision.Remedy,
		Balance: Balance{Available: wallet.Available(now), Owed: wallet.Owed()},
	}
}

// Published finds the revision of a verdict among the published policies, whichever policy the stack follows today.
func Published(ref policy.Ref) (policy.Revision, bool) {
	published, err := policy.Open(ref.Name)
	if err != nil {
		return policy.Revision{}, false
	}
	for _, revision := range published.Revisions() {
		if revision.Ref() == ref {
			return revision, true
		}
	}
	return policy.Revision{}, false
}
