package memory

import (
	"context"
	"time"

	"makegood/shared/attachment"
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

// FindAttachments implements attachment.Finds.
func (s *Store) FindAttachments(_ context.Context, ids ...attachment.ID) ([]attachment.Attachment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return find(ids, s.attachment), nil
}
