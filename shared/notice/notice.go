// Package notice owns notifying the customer of what became of a case. It tells what the app is
// posted, at least once, and what the customer is mailed, at most once.
//
// It refuses to know why a verdict was given, and how words travel: a post to the app's server, a
// mail, or the app reads the case.
//
// Invariants: a message is marked as notified only after the app's server took it, or is gone. A
// case with no message due is left alone. A repeated post carries the same id, so that the app can
// tell one message from another. A mail is claimed before it is sent, so that no repeat mails it
// again.
//
// Words: message (refund.Message: what a case's life has come to), notice (the verdict's word:
// refunded, thanks_for_feedback…), words (the sentence for the person), notified, claim (of a mail:
// whose it is to send).
package notice

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/text"
	"makegood/shared/todo"
)

// Cases is what notifying of a case needs of a store.
type Cases interface {
	// FindCase returns the case by a consistent read, nil when there is none.
	FindCase(ctx context.Context, id refund.CaseID) (*refund.Case, error)
	// FindWallet returns the customer's wallet, the zero one when nobody has written it yet.
	FindWallet(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, error)
	// MarkNotified takes the message off what is due on the case. A case on which it is not due
	// (notified before, or overtaken by a verdict) is left alone. KindStale when the case has
	// changed meanwhile.
	MarkNotified(ctx context.Context, id refund.CaseID, m refund.Message, at time.Time) error
	// ClaimMail reports whether the mail of that message is the claimant's to send. By is the
	// claimant's own word, so that its repeated claim is true again.
	//
	// False when the message is not due on the case, or when another claimed the mail MailClaim ago
	// or longer: then it went out, or its claimant died with it. KindBusy while another's claim is
	// younger, or when the store did not answer. KindStale when the case has changed meanwhile.
	ClaimMail(ctx context.Context, id refund.CaseID, m refund.Message, by string, at time.Time) (bool, error)
	// ReturnMail gives the claimant's claim back: the mail was not sent. Another's claim is left
	// alone.
	ReturnMail(ctx context.Context, id refund.CaseID, m refund.Message, by string) error
}

// Webhook is the app's server.
type Webhook interface {
	// Post delivers the body under the id, signed as of now; nil means that the server took it.
	Post(ctx context.Context, id string, body []byte, now time.Time) error
}

// ErrGone is what Webhook.Post wraps when the server answered 410: it wants no such notice any
// more.
var ErrGone = errors.New("notice: gone")

// Policies finds a policy's revision, whose words a notice uses; false when it is not among the
// published ones.
type Policies func(ref policy.Ref) (policy.Revision, bool)

// InForce is the revision of the stack's policy that is in force at an instant.
type InForce func(at time.Time) policy.Revision

// Notifier notifies the app and the customer.
type Notifier struct {
	Store       Cases       // the cases
	Generations Generations // the generations of which outputs are missing
	Offers      Offers      // the offers for outages
	Standings   Standings   // the changes of standing
	Policies    Policies    // the words of a verdict's own revision
	InForce     InForce     // the words of notices without a verdict
	Webhook     Webhook     // nil: nothing is posted, the app reads its cases by itself
	Mailer      Mailer      // nil: nothing is mailed
}

// Posted is the webhook's body, as Standard Webhooks has it.
// shared/api/messages/notice.v1.schema.json is its contract.
type Posted struct {
	Type      refund.MessageType `json:"type"`      // what the message is
	Timestamp string             `json:"timestamp"` // when it came about: RFC 3339, UTC, three fraction digits
	Data      Data               `json:"data"`      // the case and its verdict
}

// Data is what a message says of its case, with the verdict that it is about.
type Data struct {
	Case       refund.CaseID     `json:"case"`                 // the case's id
	Kind       policy.Kind       `json:"kind"`                 // what the case is about
	Customer   ledger.CustomerID `json:"customer"`             // whose case it is
	Generation string            `json:"generation,omitempty"` // absent where the case names none
	Payment    string            `json:"payment,omitempty"`    // absent where the case names none
	Outcome    policy.Outcome    `json:"outcome"`              // the verdict's outcome
	Clause     string            `json:"clause"`               // the policy's clause, without a suspicion of misuse
	Reason     string            `json:"reason"`               // the verdict's reason, in the customer's language
	Notice     string            `json:"notice"`               // the policy's word for this verdict
	Words      string            `json:"words"`                // the policy's sentence for the person; the reason where its revision is no longer published
	Remedy     *policy.Remedy    `json:"remedy,omitempty"`     // what the verdict gives; absent where it gives nothing
	Balance    Balance           `json:"balance"`              // the wallet as of the post
}

// Balance is what a wallet has, as of a post.
type Balance struct {
	Available ledger.Credits `json:"available"` // can be spent now; held credits are not in it
	Owed      ledger.Credits `json:"owed"`      // the debt of a clawback that could not be taken
}

// Notify notifies the app, then the customer, of each message that is due on the case, and marks
// each. A case on which none is due, because all were sent before, is left alone.
//
// Errors: KindNotFound when there is no such case; the webhook's error when the server did not take
// a message; KindBusy when its mail could not be sent now. That message and those after it then
// stay due. A mail that is refused for good, or a server that is gone, does not keep a message from
// being marked.
func (t Notifier) Notify(ctx context.Context, request message.RefundDecided, now time.Time) error {
	id, err := refund.ParseCaseID(request.Case)
	if err != nil {
		return err
	}
	// Read the case now: the queue's message may be minutes old, and says only which case to read.
	current, err := fault.RetryFor(ctx, func(ctx context.Context) (*refund.Case, error) { return t.Store.FindCase(ctx, id) })
	switch {
	case err != nil:
		return fault.At("notice.Notify: load", request.Case, err)
	case current == nil:
		return fault.At("notice.Notify: load", request.Case, fault.NotFound("case"))
	// A notice without a verdict has nothing to say. It can only come from a fault of ours, so a
	// person must see it.
	case current.Todo.Has(todo.StepNotice) && current.Decision == nil:
		return fault.Errorf(fault.KindInternal, fault.CodeInternal, "case %s owes a notice of no verdict", id)
	}
	// In the order of a case's life. One that fails stops those after it, so that a payment is
	// never announced before its verdict.
	for _, due := range current.Owed() {
		if err := t.notify(ctx, *current, due, now); err != nil {
			return err
		}
	}
	return nil
}

func (t Notifier) notify(ctx context.Context, c refund.Case, due refund.Message, now time.Time) error {
	// The app first: it keeps posts apart by their id, so a repeat after a failed mail does no
	// harm.
	if t.Webhook != nil {
		if err := t.post(ctx, c, due, now); err != nil {
			return fault.At("notice.Notify: post "+string(due.Type), string(c.ID), err)
		}
	}
	if t.Mailer != nil {
		if err := t.mail(ctx, c, due, now); err != nil {
			return fault.At("notice.Notify: mail "+string(due.Type), string(c.ID), err)
		}
	}
	// Mark last. A crash before this line sends the post again, and never loses it.
	err := fault.Retry(ctx, func(ctx context.Context) error { return t.Store.MarkNotified(ctx, c.ID, due, now) })
	return fault.At("notice.Notify: mark "+string(due.Type), string(c.ID), err)
}

func (t Notifier) post(ctx context.Context, c refund.Case, due refund.Message, now time.Time) error {
	// The balance is read for this post: the app may show it at once, so it must not be older than
	// the post.
	balance, err := t.balance(ctx, c.Customer, now)
	if err != nil {
		return err
	}
	_, reason := t.verdict(c)
	// The discreet clause and reason go out. That a customer is suspected is nobody's to read here.
	body, err := json.Marshal(Posted{
		Type: due.Type, Timestamp: text.Moment(c.MessageAt(due)),
		Data: Data{
			Case: c.ID, Kind: c.Kind, Customer: c.Customer, Generation: c.Generation, Payment: c.Payment,
			Outcome: c.Decision.Outcome, Clause: c.Discreet().Decision.Clause, Reason: reason, Notice: c.Decision.Notice,
			Words: t.words(c, due), Remedy: c.Decision.Remedy,
			Balance: balance,
		},
	})
	if err != nil {
		return err
	}
	return t.deliver(ctx, due.ID(c.ID), body, now)
}

func (t Notifier) balance(ctx context.Context, customer ledger.CustomerID, now time.Time) (Balance, error) {
	wallet, err := t.wallet(ctx, customer)
	return balanceOf(wallet, now), err
}

func (t Notifier) wallet(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, error) {
	wallet, err := fault.RetryFor(ctx, func(ctx context.Context) (ledger.Wallet, error) {
		return t.Store.FindWallet(ctx, customer)
	})
	// A customer's id can be an address, so the error does not name it.
	return wallet, fault.At("notice: load wallet", "", err)
}

func balanceOf(wallet ledger.Wallet, now time.Time) Balance {
	return Balance{Available: wallet.Available(now), Owed: wallet.Owed()}
}

// deliver posts the body. A server that is gone counts as notified.
func (t Notifier) deliver(ctx context.Context, id string, body []byte, now time.Time) error {
	err := t.Webhook.Post(ctx, id, body, now)
	if errors.Is(err, ErrGone) { // the specification forbids another attempt: the app reads by itself
		slog.ErrorContext(ctx, "notice given up", "notice", id, "error", err.Error())
		return nil
	}
	return err
}

// reads returns the languages of a reader of that locale.
func reads(locale string) []string {
	if locale == "" {
		return nil
	}
	return []string{locale}
}

// verdict returns the revision of the case's verdict, and its reason in the customer's language.
func (t Notifier) verdict(c refund.Case) (policy.Revision, string) {
	revision, _ := t.Policies(c.Decision.Policy)
	return revision, revision.ReasonOf(c.Approved(), c.Kind, c.Sentence(), reads(c.Locale)...).Text
}

// words returns the sentence for the person, in their language where the policy has it.
func (t Notifier) words(c refund.Case, due refund.Message) string {
	return Words(c, due, t.Policies, reads(c.Locale)...).Text
}
