package memory

import (
	"context"
	"time"

	"makegood/shared/outage"
)

func (s *Store) offer(id outage.OfferID) *outage.Offer {
	found, ok := s.offers[id]
	if !ok {
		return nil
	}
	return &found.item
}

// MakeOffer implements refund.Decisions.
func (s *Store) MakeOffer(_ context.Context, offer outage.Offer) (*outage.Offer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stands := s.offer(offer.ID); stands != nil {
		return stands, nil
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

// MarkOfferTold implements notice.Offers.
func (s *Store) MarkOfferTold(_ context.Context, id outage.OfferID, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if made := s.offer(id); made != nil && made.Untold() {
		made.Todo, made.Attempts, made.ToldAt = nil, 0, at
		s.offers[id] = tracked[outage.Offer]{item: *made}
	}
	return nil
}

// ClaimOfferMail implements notice.Offers.
func (s *Store) ClaimOfferMail(_ context.Context, id outage.OfferID, by string, at time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	made := s.offer(id)
	return claimMail(s.offerMails, id, made != nil && made.Untold(), mail{by: by, at: at})
}

// ReturnOfferMail implements notice.Offers.
func (s *Store) ReturnOfferMail(_ context.Context, id outage.OfferID, by string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	returnMail(s.offerMails, id, mail{by: by})
	return nil
}
