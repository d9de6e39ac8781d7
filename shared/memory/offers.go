package memory

import (
	"context"
	"time"

	"makegood/shared/outage"
)

func (s *Store) offer(id outage.OfferID) *outage.Offer {
	row, ok := s.offers[id]
	if !ok {
		return nil
	}
	return &row.item
}

// MakeOffer implements refund.Decisions.
func (s *Store) MakeOffer(_ context.Context, offer outage.Offer) (*outage.Offer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if current := s.offer(offer.ID); current != nil {
		return current, nil
	}
	s.offers[offer.ID] = tracked[outage.Offer]{item: offer}
	return nil, nil
}

// FindOffer implements notice.Offers.
func (s *Store) FindOffer(_ context.Context, id outage.OfferID) (*outage.Offer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.offer(id), nil
}

// MarkOfferNotified implements notice.Offers.
func (s *Store) MarkOfferNotified(_ context.Context, id outage.OfferID, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if offer := s.offer(id); offer != nil && offer.Untold() {
		offer.Todo, offer.Attempts, offer.NotifiedAt = nil, 0, at
		s.offers[id] = tracked[outage.Offer]{item: *offer}
	}
	return nil
}

// ClaimOfferMail implements notice.Offers.
func (s *Store) ClaimOfferMail(_ context.Context, id outage.OfferID, by string, at time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	offer := s.offer(id)
	return claimMail(s.offerMails, id, offer != nil && offer.Untold(), mail{by: by, at: at})
}

// ReturnOfferMail implements notice.Offers.
func (s *Store) ReturnOfferMail(_ context.Context, id outage.OfferID, by string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	returnMail(s.offerMails, id, mail{by: by})
	return nil
}
