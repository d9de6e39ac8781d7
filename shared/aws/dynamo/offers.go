package dynamo

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/outage"
	"makegood/shared/todo"
)

// An offer is one item among its customer's cases: a JSON document, and beside it what it owes the
// world and what was told of it.
const (
	offerPrefix = "off_"
	noticeOffer = "offered" // its notice: an offer has one
)

func (s *Store) offerRef(id outage.OfferID) ref {
	return s.shardedRef(s.tables.Cases, id.CustomerKey(), string(id))
}

func (s *Store) offerMail(id outage.OfferID) mailing {
	return mailing{at: s.offerRef(id), step: todo.StepOffer, notice: noticeOffer, key: noticeOffer}
}

func decodeOffer(row item) (*outage.Offer, error) {
	if len(row) == 0 {
		return nil, nil
	}
	var doc offerRow
	if err := row.document(attrOffer, &doc); err != nil {
		return nil, err
	}
	if doc.ID == "" {
		return nil, missingAttribute("Cases", attrOffer)
	}
	o := doc.offer()
	o.NotifiedAt, o.Todo, o.Attempts = row.instant(attrNotifiedAt), row.todo(), int(row.number(attrAttempts))
	return &o, nil
}

// MakeOffer implements refund.Decisions: one PutItem.
func (s *Store) MakeOffer(ctx context.Context, offer outage.Offer) (*outage.Offer, error) {
	at := s.offerRef(offer.ID)
	row := item{attrPK: text(at.pk), attrSK: text(at.sk), attrCustomer: text(string(offer.Customer)), attrNotice: text(noticeOffer)}
	row.putTodo(offer.Todo, offer.Attempts)
	row.putInstant(attrNotifiedAt, offer.NotifiedAt)
	row.putShard(at.shard)
	row[attrOffer] = document(newOfferRow(offer))
	// An offer is made once for a purchase and a downtime: where it exists, that one is the answer.
	existing, err := s.putNew(ctx, at.table, row)
	if err != nil {
		return nil, fault.At("dynamo.MakeOffer", string(offer.ID), err)
	}
	return decodeOffer(existing)
}

// FindOffer implements notice.Offers.
func (s *Store) FindOffer(ctx context.Context, id outage.OfferID) (*outage.Offer, error) {
	rows, err := s.get(ctx, s.offerRef(id))
	if err != nil {
		return nil, fault.At("dynamo.FindOffer", string(id), err)
	}
	return decodeOffer(rows[0])
}

// MarkOfferNotified implements notice.Offers: one UpdateItem.
func (s *Store) MarkOfferNotified(ctx context.Context, id outage.OfferID, at time.Time) error {
	u := newUpdate()
	u.setTo(attrNotifiedAt, instant(at))
	return s.takeStep(ctx, s.offerRef(id), todo.StepOffer, u)
}

// ClaimOfferMail implements notice.Offers: one UpdateItem.
func (s *Store) ClaimOfferMail(ctx context.Context, id outage.OfferID, by string, at time.Time) (bool, error) {
	return s.claimMail(ctx, s.offerMail(id), by, at)
}

// ReturnOfferMail implements notice.Offers: one UpdateItem.
func (s *Store) ReturnOfferMail(ctx context.Context, id outage.OfferID, by string) error {
	return s.returnMail(ctx, s.offerMail(id), by)
}
