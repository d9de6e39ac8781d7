package notice

import (
	"context"
	"encoding/json"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/standing"
	"makegood/shared/text"
)

// TypeStanding is the type of the post about a change of a customer's standing.
const TypeStanding = "standing.changed"

// Standings is what notifying of a change of standing needs of a store.
type Standings interface {
	// FindChange returns the change by a consistent read, nil when there is none.
	FindChange(ctx context.Context, id standing.ID) (*standing.ChangeRecord, error)
	// MarkChangeNotified takes the notice off what is due on the change; a change without one is
	// left alone.
	MarkChangeNotified(ctx context.Context, id standing.ID) error
	// ClaimChangeMail claims the change's mail, as ClaimMail of Cases does a message's: true when
	// it is the claimant's to send, false when there is none or it was claimed long ago, KindBusy
	// while another's claim is younger.
	ClaimChangeMail(ctx context.Context, id standing.ID, by string, at time.Time) (bool, error)
	// ReturnChangeMail gives the claimant's claim back: the mail was not sent.
	ReturnChangeMail(ctx context.Context, id standing.ID, by string) error
}

// StandingPosted is the webhook's body about a change of standing.
type StandingPosted struct {
	Type      string       `json:"type"`      // TypeStanding
	Timestamp string       `json:"timestamp"` // when the change was made
	Data      StandingData `json:"data"`      // the change
}

// StandingData is a customer's new standing. Staff's note on it is for staff only.
type StandingData struct {
	Customer ledger.CustomerID `json:"customer"` // whose standing it is
	Standing ledger.Standing   `json:"standing"` // the standing from now on
	Words    string            `json:"words"`    // the policy's sentence for the person
	Balance  Balance           `json:"balance"`  // the wallet as of the post
}

// NotifyStanding notifies the app of a change of a customer's standing, then the customer by mail
// where their id is an address, and marks the change. A change without a due notice is left alone.
// Nobody is notified of a change that the policy does not word, nor of one that has been changed
// again: it is only marked.
//
// Errors: KindNotFound when there is no such change; the webhook's error when the server did not
// take the notice; KindBusy when its mail could not be sent now. The notice then stays due.
func (t Notifier) NotifyStanding(ctx context.Context, request message.StandingChanged, now time.Time) error {
	id, err := standing.ParseID(request.Change)
	if err != nil {
		return err
	}
	return dueNotice[standing.ChangeRecord]{
		name: "change", id: request.Change, isDue: standing.ChangeRecord.Untold,
		find: func(ctx context.Context) (*standing.ChangeRecord, error) { return t.Standings.FindChange(ctx, id) },
		notify: func(ctx context.Context, current standing.ChangeRecord) error {
			return t.notifyStanding(ctx, current, now)
		},
		mark: func(ctx context.Context) error { return t.Standings.MarkChangeNotified(ctx, id) },
	}.notifyOnce(ctx)
}

func (t Notifier) notifyStanding(ctx context.Context, change standing.ChangeRecord, now time.Time) error {
	// A policy without a sentence for this standing, or a wallet that has another by now, leaves
	// nothing to say.
	words := StandingWords(change, t.InForce, reads(change.Locale)...).Text
	wallet, err := t.wallet(ctx, change.Customer)
	if err != nil || words == "" || wallet.Standing != change.Standing {
		return err
	}
	message := StandingMessage(change.ID)
	if t.Webhook != nil {
		body, err := json.Marshal(StandingPosted{
			Type: TypeStanding, Timestamp: text.Moment(change.At),
			Data: StandingData{Customer: change.Customer, Standing: change.Standing, Words: words, Balance: balanceOf(wallet, now)},
		})
		if err != nil {
			return err
		}
		if err := t.deliver(ctx, message, body, now); err != nil {
			return err
		}
	}
	return t.mailTo(ctx, change.Customer, message, words, "", mailClaim{
		take: func(ctx context.Context, by string) (bool, error) {
			return t.Standings.ClaimChangeMail(ctx, change.ID, by, now)
		},
		giveBack: func(ctx context.Context, by string) error { return t.Standings.ReturnChangeMail(ctx, change.ID, by) },
	})
}

// StandingMessage returns the id of the message about a change: the same for every repeat of it,
// and another for the next change.
func StandingMessage(id standing.ID) string { return string(id) + "." + TypeStanding }

// StandingWords returns the sentence of the policy that was in force at the change, for a reader of
// these languages, best first; "" where that policy does not word the standing.
func StandingWords(change standing.ChangeRecord, inForce InForce, languages ...string) policy.Sentence {
	return inForce(change.At).MessageIn(policy.StandingMessage(change.Standing), policy.Fill{}, languages...)
}
