// Package notice owns telling the customer of a verdict: what the app hears, and that it hears it at least once; what the customer is
// mailed, and that it is mailed at most once.
//
// It refuses to know why a verdict was given, and how words travel: a post to the app's server, a mail, or the app reads the case.
//
// Invariants: a case is marked as told only after the app's server took the notice, and only of the notice that was told; a case that
// owes no notice is told nothing; a repeat of the post carries the same notice id, so that the app can tell one from the other; a mail is
// claimed before it is sent, so that no repeat mails it again.
//
// Words: notice (the word of the contract: refunded, thanks_for_feedback…), words (the policy's sentence for the person), told,
// claim (of a mail: whose it is to send).
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
	"makegood/shared/todo"
)

// Cases is what telling needs of a store.
type Cases interface {
	// FindCase returns the case by a consistent read, nil when there is none.
	FindCase(ctx context.Context, id refund.CaseID) (*refund.Case, error)
	// FindWallet returns the customer's wallet, the zero one when nobody has written it yet.
	FindWallet(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, error)
	// MarkTold takes the notice off what the case owes if it is still that one; a case that owes none, or another, is left alone.
	// KindStale when the case has changed meanwhile.
	MarkTold(ctx context.Context, id refund.CaseID, notice string, at time.Time) error
	// ClaimMail reports whether the mail of that notice is the claimant's to send. By is the claimant's own word, so that its repeated
	// claim is true again. False when the case does not owe that notice, or the mail was claimed by another MailClaim or longer ago:
	// then it went out, or its claimant died with it. KindBusy while another's claim is younger, or when the store did not answer;
	// KindStale when the case has changed meanwhile.
	ClaimMail(ctx context.Context, id refund.CaseID, notice, by string, at time.Time) (bool, error)
	// ReturnMail gives the claimant's claim back: the mail was not sent. Another's claim is left alone.
	ReturnMail(ctx context.Context, id refund.CaseID, notice, by string) error
}

// Webhook is the app's server. Post delivers the body under the id, signed as of now; nil means that the server took it.
type Webhook interface {
	Post(ctx context.Context, id string, body []byte, now time.Time) error
}

// ErrGone is what Webhook.Post wraps when the server answered 410: it wants no such notice any more.
var ErrGone = errors.New("notice: gone")

// Policies knows the words of a policy's revision; false when it is not among the published ones.
type Policies func(ref policy.Ref) (policy.Revision, bool)

// Teller tells. Without a Webhook (nil) nothing is posted: the app reads its cases by itself. Without a Mailer (nil) nothing is mailed.
type Teller struct {
	Store    Cases
	Policies Policies
	Webhook  Webhook
	Mailer   Mailer
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

// noticeID is the same for every repeat of a notice, and of no other.
func noticeID(c refund.Case) string { return string(c.ID) + "." + c.Notice }

// Tell tells the app, then the customer, of the case's verdict and marks it. A case that owes no notice, because it was told before, is
// left alone. KindNotFound when there is no such case; the webhook's error when the server did not take it, KindBusy when the mail could
// not be sent now: then the case still owes the notice. A mail that is refused for good does not keep the case from being told.
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
	case found.Decision == nil:
		return fault.Errorf(fault.KindInternal, fault.CodeInternal, "case %s owes a notice of no verdict", id)
	}
	if t.Webhook != nil {
		err := t.post(ctx, *found, now)
		if errors.Is(err, ErrGone) { // never tried again, as the specification has it: the app reads its cases by itself
			slog.ErrorContext(ctx, "notice given up", "notice", noticeID(*found), "error", err.Error())
			err = nil
		}
		if err != nil {
			return err
		}
	}
	if t.Mailer != nil {
		if err := t.mail(ctx, *found, now); err != nil {
			return err
		}
	}
	return fault.Retry(ctx, func(ctx context.Context) error { return t.Store.MarkTold(ctx, id, found.Notice, now) })
}

func (t Teller) post(ctx context.Context, c refund.Case, now time.Time) error {
	var wallet ledger.Wallet
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		wallet, err = t.Store.FindWallet(ctx, c.Customer)
		return err
	})
	if err != nil {
		return err
	}
	told := Told{
		Type: message.TypeRefundDecided, Case: c.ID, Customer: c.Customer,
		Outcome: c.Decision.Outcome, Clause: c.Decision.Clause, Notice: c.Decision.Notice, Words: t.words(c), Remedy: c.Decision.Remedy,
		Balance: Balance{Available: wallet.Available(now), Owed: wallet.Owed()},
	}
	body, err := json.Marshal(told)
	if err != nil {
		return err
	}
	return t.Webhook.Post(ctx, noticeID(c), body, now)
}

// words returns the policy's sentence for the person.
func (t Teller) words(c refund.Case) string {
	if revision, published := t.Policies(c.Decision.Policy); published {
		return revision.Notice(c.Kind, c.Decision.Outcome).Words
	}
	return c.Decision.Reason
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
