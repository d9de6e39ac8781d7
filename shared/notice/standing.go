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

// Standings is what telling of a change of standing needs of a store.
type Standings interface {
	// FindChange returns the change by a consistent read, nil when there is none.
	FindChange(ctx context.Context, id standing.ID) (*standing.Told, error)
	// MarkChangeTold takes the notice off what the change owes; one that owes none is left alone.
	MarkChangeTold(ctx context.Context, id standing.ID) error
	// ClaimChangeMail and ReturnChangeMail are to a change what ClaimMail and ReturnMail of Cases are to a message of a case.
	ClaimChangeMail(ctx context.Context, id standing.ID, by string, at time.Time) (bool, error)
	ReturnChangeMail(ctx context.Context, id standing.ID, by string) error
}

// StandingPosted is the webhook's body about a change of standing. Timestamp is when it was made.
type StandingPosted struct {
	Type      string       `json:"type"`
	Timestamp string       `json:"timestamp"`
	Data      StandingData `json:"data"`
}

// StandingData is where a customer stands since. Balance is the wallet's as of the post. Staff's note is theirs, and not in it.
type StandingData struct {
	Customer ledger.CustomerID `json:"customer"`
	Standing ledger.Standing   `json:"standing"`
	Words    string            `json:"words"`
	Balance  Balance           `json:"balance"`
}

// TellStanding tells the app, then the customer by mail where their id is an address, of a change of their standing, and marks it. A change that owes
// no notice is left alone; nobody is told of one that the policy does not word, nor of one that has been changed again: it is marked only.
// KindNotFound when there is no such change; the webhook's error when the server did not take the notice, KindBusy when its mail could not be
// sent now: then the change still owes it.
func (t Teller) TellStanding(ctx context.Context, request message.StandingChanged, now time.Time) error {
	id, err := standing.ParseID(request.Change)
	if err != nil {
		return err
	}
	return owing[standing.Told]{
		name: "change", owes: standing.Told.Untold,
		find: func(ctx context.Context) (*standing.Told, error) { return t.Standings.FindChange(ctx, id) },
		tell: func(ctx context.Context, found standing.Told) error { return t.tellStanding(ctx, found, now) },
		mark: func(ctx context.Context) error { return t.Standings.MarkChangeTold(ctx, id) },
	}.tellOnce(ctx)
}

func (t Teller) tellStanding(ctx context.Context, changed standing.Told, now time.Time) error {
	revision, err := t.InForce(changed.At)
	if err != nil {
		return err
	}
	words := revision.Message(policy.StandingMessage(changed.Standing), policy.Fill{}, reads(changed.Locale)...)
	wallet, err := t.wallet(ctx, changed.Customer)
	if err != nil || words == "" || wallet.Standing != changed.Standing {
		return err
	}
	message := string(changed.ID) + "." + TypeStanding
	if t.Webhook != nil {
		body, err := json.Marshal(StandingPosted{
			Type: TypeStanding, Timestamp: text.Moment(changed.At),
			Data: StandingData{Customer: changed.Customer, Standing: changed.Standing, Words: words, Balance: balanceOf(wallet, now)},
		})
		if err != nil {
			return err
		}
		if err := t.deliver(ctx, message, body, now); err != nil {
			return err
		}
	}
	return t.mailTo(ctx, changed.Customer, message, words, "", claim{
		take: func(ctx context.Context, by string) (bool, error) {
			return t.Standings.ClaimChangeMail(ctx, changed.ID, by, now)
		},
		giveBack: func(ctx context.Context, by string) error { return t.Standings.ReturnChangeMail(ctx, changed.ID, by) },
	})
}
