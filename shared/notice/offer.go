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

// Offers is what telling of an offer needs of a store.
type Offers interface {
	// FindOffer returns the offer by a consistent read, nil when there is none.
	FindOffer(ctx context.Context, id outage.OfferID) (*outage.Offer, error)
	// MarkOfferTold takes the notice off what the offer owes; one that owes none is left alone.
	MarkOfferTold(ctx context.Context, id outage.OfferID, at time.Time) error
	// ClaimOfferMail and ReturnOfferMail are to an offer what ClaimMail and ReturnMail of Cases are to a message of a case.
	ClaimOfferMail(ctx context.Context, id outage.OfferID, by string, at time.Time) (bool, error)
	ReturnOfferMail(ctx context.Context, id outage.OfferID, by string) error
}

// OfferPosted is the webhook's body about an offer. Timestamp is when it was made.
type OfferPosted struct {
	Type      string    `json:"type"`
	Timestamp string    `json:"timestamp"`
	Data      OfferData `json:"data"`
}

// OfferData is what a customer may claim for an outage, by a refund request of kind outage that names the payment and the outage. Remedy is what
// a claim would give by what stood when the offer was made. ClaimUntil is the last instant at which a claim is in time, absent where the
// policy names none; EndedAt is absent while the outage goes on. Balance is the wallet's as of the post.
type OfferData struct {
	Offer      outage.OfferID    `json:"offer"`
	Customer   ledger.CustomerID `json:"customer"`
	Payment    payment.ID        `json:"payment"`
	Outage     outage.ID         `json:"outage"`
	StartedAt  string            `json:"started_at"`
	EndedAt    string            `json:"ended_at,omitempty"`
	Remedy     policy.Remedy     `json:"remedy"`
	ClaimUntil string            `json:"claim_until,omitempty"`
	Words      string            `json:"words"`
	Balance    Balance           `json:"balance"`
}

// TellOffer tells the app, then the customer by mail where their id is an address, what they may claim, and marks it. An offer that owes no
// notice is left alone. KindNotFound when there is no such offer; the webhook's error when the server did not take the notice, KindBusy when
// its mail could not be sent now: then the offer still owes it.
func (t Teller) TellOffer(ctx context.Context, request message.OutageOffered, now time.Time) error {
	id, err := outage.ParseOfferID(request.Offer)
	if err != nil {
		return err
	}
	return owing[outage.Offer]{
		name: "offer", owes: outage.Offer.Untold,
		find: func(ctx context.Context) (*outage.Offer, error) { return t.Offers.FindOffer(ctx, id) },
		tell: func(ctx context.Context, found outage.Offer) error { return t.tellOffer(ctx, found, now) },
		mark: func(ctx context.Context) error { return t.Offers.MarkOfferTold(ctx, id, now) },
	}.tellOnce(ctx)
}

func (t Teller) tellOffer(ctx context.Context, o outage.Offer, now time.Time) error {
	if t.Webhook != nil {
		if err := t.postOffer(ctx, o, now); err != nil {
			return err
		}
	}
	return t.mailOffer(ctx, o, now)
}

func (t Teller) postOffer(ctx context.Context, o outage.Offer, now time.Time) error {
	balance, err := t.balance(ctx, o.Customer, now)
	if err != nil {
		return err
	}
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
	return t.deliver(ctx, offerMessage(o.ID), body, now)
}

// offerMessage returns the id of the message about an offer: the same for every repeat of it.
func offerMessage(id outage.OfferID) string { return string(id) + "." + TypeOffered }

// mailOffer sends the offer's mail, if there is one to send and it is this telling's to send.
func (t Teller) mailOffer(ctx context.Context, o outage.Offer, now time.Time) error {
	revision, _ := t.Policies(o.Policy)
	below := "\n\n" + revision.Message(policy.MessagePurchase, policy.Fill{}, reads(o.Locale)...) + ": " + string(o.Payment)
	return t.mailTo(ctx, o.Customer, offerMessage(o.ID), t.offerWords(o), below, claim{
		take:     func(ctx context.Context, by string) (bool, error) { return t.Offers.ClaimOfferMail(ctx, o.ID, by, now) },
		giveBack: func(ctx context.Context, by string) error { return t.Offers.ReturnOfferMail(ctx, o.ID, by) },
	})
}

// offerWords returns the policy's sentence for the person; where its revision is no longer published, one that is true of every policy.
func (t Teller) offerWords(o outage.Offer) string {
	offer := policy.Offer{Remedy: o.Remedy}
	if !o.ClaimUntil.IsZero() {
		offer.Until = &o.ClaimUntil
	}
	if revision, published := t.Policies(o.Policy); published {
		return revision.Offered(offer, reads(o.Locale)...).Words
	}
	return policy.UnwordedOffer(offer)
}
