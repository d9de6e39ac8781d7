package main

import (
	"context"
	"slices"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/notice"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// notices answers a page of what the customer was notified of.
func (h handler) notices(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	var cursor notice.Cursor
	if err := request.Cursor(&cursor); err != nil {
		return api.Answer{}, err
	}
	customer, err := customerOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	if err := cursor.Validate(customer); err != nil {
		return api.Answer{}, err
	}
	read, err := h.store.FindRead(ctx, customer)
	if err != nil {
		return api.Answer{}, fault.At("read-account: read up to", customer.Key(), err)
	}
	now, tongue := h.now(), view.Translator{Role: request.Caller.Role, Wanted: request.Languages(), Policies: policy.Published}
	reader := view.Reader{UpTo: read, InForce: h.policy.At, AppealUntil: func(c refund.Case) *api.Moment { return appealUntil(c, h.policy, now) }}
	page := api.InboxPage{Notices: []api.InboxNotice{}, ReadUpTo: api.OptionalMoment(read)}
	var room api.Page
	next, err := notice.ReadInbox(ctx, h.store, customer, cursor, func(topic notice.Topic) bool {
		// A page ends by bytes as well as by its topics, and never within one.
		notices := tongue.Notices(topic, reader)
		fits := room.Takes(notices)
		if fits {
			page.Notices = append(page.Notices, notices...)
		}
		return fits
	})
	if err != nil {
		return api.Answer{}, err
	}
	// Stable: of one instant, the messages of a case stay in the order of its history.
	slices.SortStableFunc(page.Notices, func(a, b api.InboxNotice) int { return b.At.Compare(a.At.Time) })
	if next != nil {
		page.Next = api.EncodeCursor(next)
	}
	return tongue.Answer(page), nil
}
