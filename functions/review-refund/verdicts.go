package main

import (
	"context"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/refund"
)

// verdicts lists what every decided case was decided, and what that rests on. A case keeps some
// twenty verdicts at most, so casePage of them are no more than Lambda answers; api.MaxPage ends
// the page before that.
func (h handler) verdicts(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	var from place
	if err := request.Cursor(&from); err != nil {
		return api.Answer{}, err
	}
	// The store would refuse a longer key as a fault of ours.
	if len(from.After) > maxPlace {
		return api.Answer{}, fault.Invalid("cursor", "is none of this list")
	}
	cases, next, err := h.store.ListDecided(ctx, from.After, casePage)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: list verdicts", "", err)
	}

	// A decided case changed last when its last line was written: that is what a reader of changes
	// sorts by.
	list := api.VerdictList{Cases: make([]api.CaseVerdicts, len(cases))}
	for i, c := range cases {
		list.Cases[i] = api.CaseVerdicts{
			Case: string(c.ID), Kind: string(c.Kind), ChangedAt: api.MomentOf(c.History[len(c.History)-1].At), Verdicts: view.Verdicts(c),
		}
	}

	// Cut by bytes, the page goes on after its last case; the store's own cursor would skip those
	// that found no room.
	if list.Cases = api.FirstPage(list.Cases); len(list.Cases) < len(cases) {
		next = refund.ListedAfter(cases[len(list.Cases)-1].ID)
	}
	if next != "" {
		list.Next = api.EncodeCursor(place{next})
	}
	return api.Answer{Status: http.StatusOK, Body: list}, nil
}
