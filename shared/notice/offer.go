package notice

import (
	"context"
	"encoding/json"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/text"
)

// TypeOffered is the type of the post about what a customer may claim for an outage.
const TypeOffered = "outage.offered"

// Offers is what notifying of an offer needs of a store.
type Offers interface {
	// FindOffer returns the offer by a consistent read, nil when there is none.
	FindOffer(ctx context.Context, id outage.OfferID) (*outage.Offer, error)
	// MarkOfferNotified takes the notice off what is due on the offer; an offer without one is left
	// alone.
	MarkOfferNotified(ctx context.Context, id outage.OfferID, at time.Time) error
	// ClaimOfferMail claims the offer's mail, as ClaimMail of Cases does a message's: true when it
	// is the claimant's to send, false when there is none or it was claimed long ago, KindBusy
	// while another's claim is younger.
	ClaimOfferMail(ctx context.Context, id outage.OfferID, by string, at time.Time) (bool, error)
	// ReturnOfferMail gives the claimant's claim back: the mail was not sent.
	ReturnOfferMail(ctx context.Context, id outage.OfferID, by string) error
}

// OfferPosted is the webhook's body about an offer.
type OfferPosted struct {
	Type      string    `json:"type"`      // TypeOffered
	Timestamp string    `json:"timestamp"` // when the offer was made
	Data      OfferData `json:"data"`      // the offer
}

// OfferData is what a customer may claim for an outage. They claim it by a refund request of kind
// outage that names the payment and the outage.
type OfferData struct {
	Offer      outage.OfferID    `json:"offer"`                 // the offer's id
	Customer   ledger.CustomerID `json:"customer"`              // whose offer it is
	Payment    payment.ID        `json:"payment"`               // the purchase that the outage touched
	Outage     outage.ID         `json:"outage"`                // the outage's id
	StartedAt  string            `json:"started_at"`            // when the outage began
	EndedAt    string            `json:"ended_at,omitempty"`    // absent while the outage goes on
	Remedy     policy.Remedy     `json:"remedy"`                // what a claim would give, as of the offer
	ClaimUntil string            `json:"claim_until,omitempty"` // the last instant for a claim; absent where the policy names none
	Words      string            `json:"words"`                 // the policy's sentence for the person
	Balance    Balance           `json:"balance"`               // the wallet as of the post
}

// NotifyOffer notifies the app of what the customer may claim, then the customer by mail where
// their id is an address, and marks the offer. An offer without a due notice is left alone.
//
// Errors: KindNotFound when there is no such offer; the webhook's error when the server did not
// take the notice; KindBusy when its mail could not be sent now. The notice then stays due.
func (t Notifier) NotifyOffer(ctx context.Context, request message.OutageOffered, now time.Time) error {
	id, err := outage.ParseOfferID(request.Offer)
	if err != nil {
		return err
	}
	return dueNotice[outage.Offer]{
		name: "offer", id: request.Offer, isDue: outage.Offer.Untold,
		find:   func(ctx context.Context) (*outage.Offer, error) { return t.Offers.FindOffer(ctx, id) },
		notify: func(ctx context.Context, current outage.Offer) error { return t.notifyOffer(ctx, current, now) },
		mark:   func(ctx context.Context) error { return t.Offers.MarkOfferNotified(ctx, id, now) },
	}.notifyOnce(ctx)
}

func (t Notifier) notifyOffer(ctx context.Context, o outage.Offer, now time.Time) error {
	if t.Webhook != nil {
		if err := t.postOffer(ctx, o, now); err != nil {
			return err
		}
	}
	return t.mailOffer(ctx, o, now)
}

func (t Notifier) postOffer(ctx context.Context, o outage.Offer, now time.Time) error {
	balance, err := t.balance(ctx, o.Customer, now)
	if err != nil {
		return err
	}
	// An open outage has no end, and a policy may name no last day: absent, never a zero date.
	data := OfferData{
		Offer: o.ID, Customer: o.Customer, Payment: o.Payment, Outage: o.Outage, StartedAt: text.Moment(o.Met.StartedAt), Remedy: o.Remedy,
		Words: t.offerWords(o), Balance: balance,
	}
	if o.Met.EndedAt != nil {
		data.EndedAt = text.Moment(*o.Met.EndedAt)
	}
	if !o.ClaimUntil.IsZero() {
		data.ClaimUntil = text.Moment(o.ClaimUntil)
	}
	body, err := json.Marshal(OfferPosted{Type: TypeOffered, Timestamp: text.Moment(o.MadeAt), Data: data})
	if err != nil {
		return err
	}
	return t.deliver(ctx, OfferMessage(o.ID), body, now)
}

// OfferMessage returns the id of the message about an offer: the same for every repeat of it.
func OfferMessage(id outage.OfferID) string { return string(id) + "." + TypeOffered }

// mailOffer sends the offer's mail, if the customer has an address and nobody else has claimed it.
func (t Notifier) mailOffer(ctx context.Context, o outage.Offer, now time.Time) error {
	revision, _ := t.Policies(o.Policy)
	below := "\n\n" + revision.Message(policy.MessagePurchase, policy.Fill{}, reads(o.Locale)...) + ": " + string(o.Payment)
	return t.mailTo(ctx, o.Customer, OfferMessage(o.ID), t.offerWords(o), below, mailClaim{
		take:     func(ctx context.Context, by string) (bool, error) { return t.Offers.ClaimOfferMail(ctx, o.ID, by, now) },
		giveBack: func(ctx context.Context, by string) error { return t.Offers.ReturnOfferMail(ctx, o.ID, by) },
	})
}

// OfferWords returns the policy's sentence of the offer for a reader of these languages, best
// first. Where its revision is no longer published, it is one that is true of every policy.
func OfferWords(o outage.Offer, policies Policies, languages ...string) policy.Sentence {
	offer := policy.Offer{Remedy: o.Remedy}
	if !o.ClaimUntil.IsZero() {
		offer.Until = &o.ClaimUntil
	}
	if revision, ok := policies(o.Policy); ok {
		return revision.OfferIn(offer, languages...)
	}
	return policy.Sentence{Text: policy.UnwordedOffer(offer), Language: policy.English}
}

func (t Notifier) offerWords(o outage.Offer) string {
	return OfferWords(o, t.Policies, reads(o.Locale)...).Text
}
