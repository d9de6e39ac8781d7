// Package notice owns telling the customer what became of a case: what the app hears, and that it hears it at least once; what the customer is
// mailed, and that it is mailed at most once.
//
// It refuses to know why a verdict was given, and how words travel: a post to the app's server, a mail, or the app reads the case.
//
// Invariants: a message is marked as told only after the app's server took it, or is gone; of a case that owes none nothing is told; a
// repeat of the post carries the same id, so that the app can tell one from the other; a mail is claimed before it is sent, so that no
// repeat mails it again.
//
// Words: message (refund.Message: what a case's life has come to), notice (the verdict's word: refunded, thanks_for_feedback…), words (the
// sentence for the person), told, claim (of a mail: whose it is to send).
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

// Cases is what telling needs of a store.
type Cases interface {
	// FindCase returns the case by a consistent read, nil when there is none.
	FindCase(ctx context.Context, id refund.CaseID) (*refund.Case, error)
	// FindWallet returns the customer's wallet, the zero one when nobody has written it yet.
	FindWallet(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, error)
	// MarkTold takes the message off what the case owes; a case that does not owe it (told before, or overtaken by a verdict) is left alone.
	// KindStale when the case has changed meanwhile.
	MarkTold(ctx context.Context, id refund.CaseID, told refund.Message, at time.Time) error
	// ClaimMail reports whether the mail of that message is the claimant's to send. By is the claimant's own word, so that its repeated
	// claim is true again. False when the case does not owe that message, or the mail was claimed by another MailClaim or longer ago:
	// then it went out, or its claimant died with it. KindBusy while another's claim is younger, or when the store did not answer;
	// KindStale when the case has changed meanwhile.
	ClaimMail(ctx context.Context, id refund.CaseID, told refund.Message, by string, at time.Time) (bool, error)
	// ReturnMail gives the claimant's claim back: the mail was not sent. Another's claim is left alone.
	ReturnMail(ctx context.Context, id refund.CaseID, told refund.Message, by string) error
}

// Webhook is the app's server. Post delivers the body under the id, signed as of now; nil means that the server took it.
type Webhook interface {
	Post(ctx context.Context, id string, body []byte, now time.Time) error
}

// ErrGone is what Webhook.Post wraps when the server answered 410: it wants no such notice any more.
var ErrGone = errors.New("notice: gone")

// Policies knows the words of a policy's revision; false when it is not among the published ones.
type Policies func(ref policy.Ref) (policy.Revision, bool)

// InForce is the revision of the stack's policy that is in force at an instant; an error when nobody can tell.
type InForce func(at time.Time) (policy.Revision, error)

// Teller tells. Without a Webhook (nil) nothing is posted: the app reads its cases by itself. Without a Mailer (nil) nothing is mailed.
type Teller struct {
	Store       Cases
	Generations Generations
	Offers      Offers
	Standings   Standings
	Policies    Policies
	InForce     InForce // words what no verdict is about
	Webhook     Webhook
	Mailer      Mailer
}

// Posted is the webhook's body, as Standard Webhooks has it: what it is, when that came about (RFC 3339, UTC, three fraction digits), and
// the data. shared/api/messages/notice.v1.schema.json is its contract.
type Posted struct {
	Type      refund.MessageType `json:"type"`
	Timestamp string             `json:"timestamp"`
	Data      Data               `json:"data"`
}

// Data is what a message says of its case, with the verdict that it is about. Balance is the wallet's as of the post; credits held for
// running generations are not in it. Words are the policy's for the person: of a verdict, its reason where its revision is no longer
// published. Generation and Payment are there where the case names one.
type Data struct {
	Case       refund.CaseID     `json:"case"`
	Kind       policy.Kind       `json:"kind"`
	Customer   ledger.CustomerID `json:"customer"`
	Generation string            `json:"generation,omitempty"`
	Payment    string            `json:"payment,omitempty"`
	Outcome    policy.Outcome    `json:"outcome"`
	Clause     string            `json:"clause"`
	Reason     string            `json:"reason"`
	Notice     string            `json:"notice"`
	Words      string            `json:"words"`
	Remedy     *policy.Remedy    `json:"remedy,omitempty"`
	Balance    Balance           `json:"balance"`
}

// Balance is credits in the wallet's smallest unit.
type Balance struct {
	Available ledger.Credits `json:"available"`
	Owed      ledger.Credits `json:"owed"`
}

// Tell tells the app, then the customer, what the case owes them, message by message, and marks each. A case that owes none, because all
// were told before, is left alone. KindNotFound when there is no such case; the webhook's error when the server did not take a message,
// KindBusy when its mail could not be sent now: then the case still owes it, and those after it. A mail that is refused for good, and a
// server that is gone, do not keep a message from being told.
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
	case found.Todo.Has(todo.StepNotice) && found.Decision == nil:
		return fault.Errorf(fault.KindInternal, fault.CodeInternal, "case %s owes a notice of no verdict", id)
	}
	for _, owed := range found.Owed() {
		if err := t.tell(ctx, *found, owed, now); err != nil {
			return err
		}
	}
	return nil
}

func (t Teller) tell(ctx context.Context, c refund.Case, owed refund.Message, now time.Time) error {
	if t.Webhook != nil {
		if err := t.post(ctx, c, owed, now); err != nil {
			return err
		}
	}
	if t.Mailer != nil {
		if err := t.mail(ctx, c, owed, now); err != nil {
			return err
		}
	}
	return fault.Retry(ctx, func(ctx context.Context) error { return t.Store.MarkTold(ctx, c.ID, owed, now) })
}

func (t Teller) post(ctx context.Context, c refund.Case, owed refund.Message, now time.Time) error {
	balance, err := t.balance(ctx, c.Customer, now)
	if err != nil {
		return err
	}
	_, reason := t.verdict(c)
	body, err := json.Marshal(Posted{
		Type: owed.Type, Timestamp: text.Moment(c.MessageAt(owed)),
		Data: Data{
			Case: c.ID, Kind: c.Kind, Customer: c.Customer, Generation: c.Generation, Payment: c.Payment,
			Outcome: c.Decision.Outcome, Clause: c.Discreet().Decision.Clause, Reason: reason, Notice: c.Decision.Notice,
			Words: t.words(c, owed), Remedy: c.Decision.Remedy,
			Balance: balance,
		},
	})
	if err != nil {
		return err
	}
	return t.deliver(ctx, owed.ID(c.ID), body, now)
}

func (t Teller) balance(ctx context.Context, customer ledger.CustomerID, now time.Time) (Balance, error) {
	wallet, err := t.wallet(ctx, customer)
	return balanceOf(wallet, now), err
}

func (t Teller) wallet(ctx context.Context, customer ledger.CustomerID) (wallet ledger.Wallet, err error) {
	err = fault.Retry(ctx, func(ctx context.Context) (err error) {
		wallet, err = t.Store.FindWallet(ctx, customer)
		return err
	})
	return wallet, err
}

func balanceOf(wallet ledger.Wallet, now time.Time) Balance {
	return Balance{Available: wallet.Available(now), Owed: wallet.Owed()}
}

// deliver posts the body. A server that is gone counts as told.
func (t Teller) deliver(ctx context.Context, id string, body []byte, now time.Time) error {
	err := t.Webhook.Post(ctx, id, body, now)
	if errors.Is(err, ErrGone) { // never tried again, as the specification has it: the app reads by itself
		slog.ErrorContext(ctx, "notice given up", "notice", id, "error", err.Error())
		return nil
	}
	return err
}

// reads returns the languages of whoever reads that locale.
func reads(locale string) []string {
	if locale == "" {
		return nil
	}
	return []string{locale}
}

// verdict returns the revision of the case's verdict, and its reason in the customer's language.
func (t Teller) verdict(c refund.Case) (policy.Revision, string) {
	revision, _ := t.Policies(c.Decision.Policy)
	return revision, revision.ReasonOf(c.Approved(), c.Kind, c.Sentence(), reads(c.Locale)...).Sentence
}

// words returns the policy's sentence for the person, in their language where the policy has it; where its revision is gone, the recorded reason of the
// verdict, and of money what a policy that words none says.
func (t Teller) words(c refund.Case, owed refund.Message) string {
	revision, published := t.Policies(c.Decision.Policy)
	at, languages := c.MessageAt(owed), reads(c.Locale)
	switch owed.Type {
	case refund.MessagePaid:
		return revision.Message(policy.MessagePaid, policy.Fill{Remedy: c.MoneyBack(), On: &at}, languages...)
	case refund.MessageFailed:
		return revision.Message(policy.MessageFailed, policy.Fill{Remedy: c.MoneyBack()}, languages...)
	case refund.MessageReceived, refund.MessageDecided:
	}
	if published {
		return revision.ToldAfter(c.Approved(), c.Kind, *c.Decision, languages...).Words
	}
	return c.Decision.Reason
}
