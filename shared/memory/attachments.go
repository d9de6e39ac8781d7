package memory

import (
	"context"
	"time"

	"makegood/shared/attachment"
	"makegood/shared/refund"
)

func (s *Store) attachment(id attachment.ID) *attachment.Attachment {
	row, ok := s.attachments[id]
	if !ok {
		return nil
	}
	return &row.item
}

// OpenAttachment implements attachment.Openings.
func (s *Store) OpenAttachment(_ context.Context, a attachment.Attachment, most int) (*attachment.Attachment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// A replay is answered before the day's count is looked at, as in the tables.
	if current := s.attachment(a.ID); current != nil {
		return current, nil
	}
	if day := (claimDay{a.Customer, a.OpenedAt.UTC().Format(time.DateOnly)}); most > 0 {
		if s.openedOn[day] >= most {
			return nil, attachment.TooMany(a.OpenedAt)
		}
		s.openedOn[day]++
	}
	s.attachments[a.ID] = tracked[attachment.Attachment]{item: a}
	return nil, nil
}

// takeable reports whether the new case may take what its statement lists.
func (s *Store) takeable(c refund.Case) bool {
	for _, taken := range c.Taken() {
		a := s.attachment(taken.ID)
		if a == nil || a.Customer != c.Customer || a.Case != "" || !a.Takeable(c.OpenedAt) {
			return false
		}
	}
	return true
}

// take makes the attachments the case's: nothing is due on them any more.
func (s *Store) take(c refund.Case) {
	for _, taken := range c.Taken() {
		a := *s.attachment(taken.ID)
		a.Case, a.Todo, a.Attempts = string(c.ID), nil, 0
		s.attachments[a.ID] = tracked[attachment.Attachment]{item: a}
	}
}

// MarkDiscarded implements attachment.Discards.
func (s *Store) MarkDiscarded(_ context.Context, id attachment.ID, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	row := s.attachments[id]
	if row.item.ID == "" || row.item.Case != "" || now.Before(row.item.ExpiresAt) {
		return stale()
	}
	row.item.DiscardedAt = now
	s.attachments[id] = row
	return nil
}

// RemoveAttachment implements attachment.Discards.
func (s *Store) RemoveAttachment(_ context.Context, id attachment.ID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.attachments[id].item.DiscardedAt.IsZero() {
		return stale()
	}
	delete(s.attachments, id)
	return nil
}

// FindAttachments implements attachment.Finds.
func (s *Store) FindAttachments(_ context.Context, ids ...attachment.ID) ([]attachment.Attachment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return find(ids, s.attachment), nil
}
