package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/audit"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/refund"
	"makegood/shared/text"
)

// The pages of second looks and of their counts.
const (
	lookPage  = 100
	countPage = 500
	// weeksBefore is how many weeks are counted where nobody asks for others.
	weeksBefore = 8
)

// secondLooks answers a page of the verdicts that nobody has looked at again.
func (h handler) secondLooks(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	after, err := placeOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	looks, next, err := h.looks.Store.ListLooks(ctx, after, lookPage)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: list second looks", "", err)
	}
	list := api.SecondLookList{Looks: make([]api.WaitingLook, len(looks))}
	for i, look := range looks {
		list.Looks[i] = api.WaitingLook{Case: look.Case, Feature: look.Feature, WaitsSince: api.MomentOf(look.DecidedAt)}
	}
	if next != "" {
		list.Next = api.EncodeCursor(place{next})
	}
	return api.Answer{Status: http.StatusOK, Body: list}, nil
}

// placeOf returns where a list goes on, "" for its start, or a KindInvalid error naming cursor.
func placeOf(request api.Request[api.NoBody]) (string, error) {
	var from place
	if err := request.Cursor(&from); err != nil {
		return "", err
	}
	// The store would refuse a longer key as a fault of ours.
	if len(from.After) > maxPlace {
		return "", fault.Invalid("cursor", "is none of this list")
	}
	return from.After, nil
}

// secondLook answers what there is to look at, and not what was decided.
func (h handler) secondLook(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	id, err := refund.ParseCaseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	look, err := h.looks.Store.FindLook(ctx, string(id))
	if err != nil {
		return api.Answer{}, fault.At("review-refund: second look", string(id), err)
	}
	if look == nil {
		return api.Answer{}, fault.NotFound("second look")
	}
	response, err := h.viewOf(ctx, id, *look)
	if err != nil {
		return api.Answer{}, err
	}
	if look.Answer != nil {
		response.Answer = new(answerView(*look))
	}
	return api.Answer{Status: http.StatusOK, Body: response}, nil
}

// viewOf returns a look with the pictures, what was measured and what the customer said.
func (h handler) viewOf(ctx context.Context, id refund.CaseID, look audit.Look) (api.SecondLook, error) {
	response := api.SecondLook{Case: look.Case, Feature: look.Feature, WaitsSince: api.MomentOf(look.DecidedAt)}
	cases, err := h.store.FindCases(ctx, id)
	if err != nil || len(cases) == 0 {
		return response, fault.At("review-refund: case of second look", string(id), err)
	}
	c := cases[0]
	if c.Statement != nil {
		response.Description, response.Issue = c.Statement.Description, string(c.Statement.Issue)
	}
	records, err := h.store.FindRecords(ctx, id)
	if err != nil || len(records) == 0 {
		return response, fault.At("review-refund: evidence of second look", string(id), err)
	}
	names, err := view.LookUp(ctx, h.store, c)
	if err != nil {
		return response, fault.At("review-refund: records of second look", string(id), err)
	}
	seen, err := names.Evidence(ctx, c, &records[0], h.published, h.links, h.now())
	response.Evidence = view.Blind(seen)
	return response, fault.At("review-refund: links of second look", string(id), err)
}

// answerLook records what a person found at a second look. It moves nothing.
func (h handler) answerLook(ctx context.Context, request api.Request[api.AnswerSecondLook]) (api.Answer, error) {
	id, err := refund.ParseCaseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	// The operator's name comes from the key, never from the body, as that of a ruling.
	look, replayed, err := h.looks.Answer(ctx, string(id), audit.Order{
		Finding: evidence.Verdict(request.Body.Finding), Note: string(request.Body.Note), By: request.Caller.Name,
		Principal: request.Caller.Principal(), Key: request.IdempotencyKey,
	}, api.Instant(h.now()))
	if err != nil {
		return api.Answer{}, fault.At("review-refund: answer second look", string(id), err)
	}
	return api.Answer{Status: http.StatusOK, Body: answerView(look), Replayed: replayed}, nil
}

// answerView returns the answer of a look that has one.
func answerView(look audit.Look) api.SecondLookAnswer {
	return api.SecondLookAnswer{
		Case: look.Case, Finding: string(look.Answer.Finding), Note: look.Answer.Note, By: look.Answer.By, At: api.MomentOf(look.Answer.At),
	}
}

// accuracy answers how often automatic verdicts were wrong, week by week.
func (h handler) accuracy(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	since, err := sinceOf(request, h.now().Add(-weeksBefore*7*24*time.Hour))
	if err != nil {
		return api.Answer{}, err
	}
	after, err := placeOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	// A page goes on behind a count that is listed: before it, there is none to go on from.
	week := audit.WeekOf(since)
	if after != "" && after < week {
		return api.Answer{}, fault.Invalid("cursor", "is none of this list")
	}
	counts, next, err := h.looks.Store.ListCounts(ctx, week, after, countPage)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: count second looks", "", err)
	}
	list := api.AccuracyList{Counts: make([]api.Accuracy, len(counts))}
	for i, count := range counts {
		list.Counts[i] = accuracyView(count)
	}
	if next != "" {
		list.Next = api.EncodeCursor(place{next})
	}
	return api.Answer{Status: http.StatusOK, Body: list}, nil
}

// sinceOf reads the query parameter since, which is a day or an instant; otherwise where it is
// absent. KindInvalid naming since for anything else.
func sinceOf(request api.Request[api.NoBody], otherwise time.Time) (time.Time, error) {
	word := request.Query("since")
	if word == "" {
		return otherwise, nil
	}
	at, _, err := text.ParseDayOrInstant("since", word)
	return at, err
}

// accuracyView returns a count with the largest shares that it leaves possible.
func accuracyView(count audit.Count) api.Accuracy {
	return api.Accuracy{
		Week: count.Week, Feature: count.Feature, Signal: string(count.Signal),
		Paid: count.Paid, WronglyPaid: count.WronglyPaid, WronglyPaidAtMost: audit.AtMost(count.WronglyPaid, count.Paid),
		Declined: count.Declined, WronglyDeclined: count.WronglyDeclined, WronglyDeclinedAtMost: audit.AtMost(count.WronglyDeclined, count.Declined),
		Unsure: count.Unsure,
	}
}

// signals answers how the signals fare that decide.
func (h handler) signals(ctx context.Context, _ api.Request[api.NoBody]) (api.Answer, error) {
	signals, err := h.looks.Store.ListSignals(ctx)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: list signals", "", err)
	}
	list := api.SignalList{Signals: make([]api.DecidingSignal, len(signals))}
	for i, signal := range signals {
		list.Signals[i] = signalView(signal)
	}
	return api.Answer{Status: http.StatusOK, Body: list}, nil
}

// liftSignal lets a signal that has stopped decide again.
func (h handler) liftSignal(ctx context.Context, request api.Request[api.LiftSignal]) (api.Answer, error) {
	name := request.Path("id")
	// A word that is no signal's may be no key of the store's either.
	if len(name) > maxPlace || strings.TrimSpace(name) == "" {
		return api.Answer{}, fault.NotFound("signal")
	}
	signal, replayed, err := h.looks.Lift(ctx, evidence.Name(name), audit.Order{
		Note: string(request.Body.Note), By: request.Caller.Name, Principal: request.Caller.Principal(), Key: request.IdempotencyKey,
	}, api.Instant(h.now()))
	if err != nil {
		return api.Answer{}, fault.At("review-refund: lift signal", name, err)
	}
	return api.Answer{Status: http.StatusOK, Body: signalView(signal), Replayed: replayed}, nil
}

// signalView returns how a signal fares.
func signalView(signal audit.Signal) api.DecidingSignal {
	wrong, looks := signal.Tally()
	response := api.DecidingSignal{
		Signal: string(signal.Name), Looks: looks, WronglyPaid: wrong, WronglyPaidAtMost: audit.AtMost(wrong, looks),
	}
	if stop := signal.Stop; stop != nil {
		response.Stopped = &api.SignalStop{
			At: api.MomentOf(stop.At), Case: stop.Case, Looks: stop.Looks, WronglyPaid: stop.WronglyPaid,
			LimitPercent: stop.Limit.WronglyPaidPercent, LimitFrom: stop.Limit.From,
		}
	}
	for _, lift := range signal.Lifts {
		response.Lifts = append(response.Lifts, api.SignalLift{At: api.MomentOf(lift.At), By: lift.By, Note: lift.Note})
	}
	return response
}
