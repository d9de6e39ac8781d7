package main

import (
	"context"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/notice"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// preview answers what a verdict would move.
func (h handler) preview(ctx context.Context, request api.Request[api.PreviewVerdict]) (api.Answer, error) {
	id, err := refund.ParseCaseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	moves, err := h.reviewer.Preview(ctx, id, refund.RulingOrder{
		Ruling:  policy.Ruling{Outcome: policy.Outcome(request.Body.Outcome), Remedy: remedy(request.Body.Remedy), Clause: request.Body.Clause},
		Payment: payment.ID(request.Body.Payment), By: request.Caller.Name,
	}, api.Instant(h.now()))
	if err != nil {
		return api.Answer{}, fault.At("review-refund: preview", string(id), err)
	}
	return api.Answer{Status: http.StatusOK, Body: previewView(moves)}, nil
}

// takeBack takes the caller's own verdict back before it is carried out.
func (h handler) takeBack(ctx context.Context, request api.Request[api.TakeBackVerdict]) (api.Answer, error) {
	id, err := refund.ParseCaseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	order := refund.TakeBackOrder{By: request.Caller.Name, Principal: request.Caller.Principal(), Key: string(request.Body.Key)}
	outcome, err := h.reviewer.TakeBack(ctx, id, order, api.Instant(h.now()))
	return view.Opened(http.StatusOK, outcome), fault.At("review-refund: take back", string(id), err)
}

// previewView returns what a ruling would do.
func previewView(p refund.Preview) api.VerdictPreview {
	preview := api.VerdictPreview{
		State: string(p.Case.State), Money: p.Money, Before: balance(p.Before), After: balance(p.After), SecondPerson: p.Second,
		Movements: make([]api.PreviewMovement, len(p.Movements)), Lots: make([]api.PreviewLot, len(p.Lots)),
	}
	for i, m := range p.Movements {
		preview.Movements[i] = api.PreviewMovement{
			Cause: string(m.Movement), From: string(m.From), To: string(m.To), Credits: int64(m.Credits), Lot: string(m.Lot), Payment: m.Payment,
		}
	}
	for i, change := range p.Lots {
		lot := api.PreviewLot{
			Lot: string(change.Lot.ID), Source: string(change.Lot.Source), Before: int64(change.Before), After: int64(change.Lot.Remaining),
		}
		if at := change.Lot.ExpiresAt; !at.IsZero() {
			lot.ExpiresAt = new(api.MomentOf(at))
		}
		preview.Lots[i] = lot
	}
	if draft := notice.DraftOf(p.Case, policy.Published); draft != (notice.Draft{}) {
		preview.Notice = &api.PreviewNotice{Words: draft.Words, Subject: draft.Subject, Text: draft.Text}
	}
	return preview
}

func balance(b refund.Balance) api.PreviewBalance {
	return api.PreviewBalance{Available: int64(b.Available), Owed: int64(b.Owed)}
}
