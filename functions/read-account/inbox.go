package main

import (
	"context"
	"slices"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/policy"
)

// notices answers a page of what the customer was notified of their cases.
func (h handler) notices(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	customer, cases, more, err := h.casesOf(ctx, request)
	if err != nil {
		return api.Answer{}, err
	}
	read, err := h.store.FindRead(ctx, customer)
	if err != nil {
		return api.Answer{}, fault.At("read-account: read up to", customer.Key(), err)
	}
	now, tongue := h.now(), view.Translator{Role: request.Caller.Role, Wanted: request.Languages(), Policies: policy.Published}
	page, count := api.InboxPage{Notices: []api.InboxNotice{}, ReadUpTo: api.OptionalMoment(read)}, 0
	var room api.Page
	for _, c := range cases {
		notices := tongue.Notices(c, read, appealUntil(c, h.policy, now))
		// A page ends by bytes as well as by its cases, and never within one.
		if !room.Takes(notices) {
			break
		}
		page.Notices = append(page.Notices, notices...)
		count++
	}
	// Stable: of one instant, the messages of a case stay in the order of its history.
	slices.SortStableFunc(page.Notices, func(a, b api.InboxNotice) int { return b.At.Compare(a.At.Time) })
	if count < len(cases) || more && count > 0 {
		page.Next = cursorAfter(cases[count-1])
	}
	return tongue.Answer(page), nil
}
