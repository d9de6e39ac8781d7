package main

import (
	"context"
	"net/http"
	"slices"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/refund"
)

// paymentPage is how many payments a page holds at most; api.MaxPage may end it earlier.
const paymentPage = 50

// listAll is the list of every payment; the others are staff's review queues.
const listAll = "all"

// checkPaymentState refuses every list that is not kept.
func checkPaymentState(request api.Request[api.NoBody]) error {
	if state := request.Query("state"); state == listAll || slices.Contains(payment.ReviewQueues(), payment.ReviewQueue(state)) {
		return nil
	}
	return fault.Invalid("state", "must be parked, repeated, disputed, contested or all")
}

// listPayments answers a page of one of the lists: a review queue, or every payment.
func (h handler) listPayments(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	// The lists differ in what they read and in what their cursor says: a review queue is in the
	// order of waiting, the list of all in the order of the store.
	list, position := h.everyPayment, func(p payment.Payment) any { return place{string(p.ID)} }
	if state := request.Query("state"); state != listAll {
		list = func(ctx context.Context, request api.Request[api.NoBody]) ([]payment.Payment, string, error) {
			return h.waiting(ctx, request, payment.ReviewQueue(state))
		}
		position = func(p payment.Payment) any { at, _ := p.PositionIn(payment.ReviewQueue(state)); return at }
	}
	page, next, err := list(ctx, request)
	if err != nil {
		return api.Answer{}, err
	}
	rows := make([]api.Payment, len(page))
	for i, p := range page {
		rows[i] = view.Payment(p)
	}
	// Cut by bytes, the page goes on after its last payment.
	if rows = api.FirstPage(rows); len(rows) < len(page) {
		next = api.EncodeCursor(position(page[len(rows)-1]))
	}
	return api.Answer{Status: http.StatusOK, Body: api.PaymentList{Payments: rows, Next: next}}, nil
}

// maxPlace bounds what a cursor may say, as a key of the store's is bounded.
const maxPlace = 300

// place is where the list of all payments goes on: what After says is the store's own, which a
// payment's id is too.
type place struct {
	After string `json:"after"`
}

// everyPayment reads a page of all payments, and returns the cursor of the next.
func (h handler) everyPayment(ctx context.Context, request api.Request[api.NoBody]) ([]payment.Payment, string, error) {
	var from place
	if err := request.Cursor(&from); err != nil {
		return nil, "", err
	}
	// The store would refuse a longer key as a fault of ours.
	if len(from.After) > maxPlace {
		return nil, "", fault.Invalid("cursor", "is none of this list")
	}
	page, after, err := h.store.ListPayments(ctx, from.After, paymentPage)
	if err != nil || after == "" {
		return page, "", fault.At("review-refund: list payments", "", err)
	}
	return page, api.EncodeCursor(place{after}), nil
}

// waiting reads a page of a review queue, and returns the cursor of the next.
func (h handler) waiting(ctx context.Context, request api.Request[api.NoBody], queue payment.ReviewQueue) ([]payment.Payment, string, error) {
	after, err := waitPosition(request)
	if err != nil {
		return nil, "", err
	}
	page, next, err := h.store.ListWaiting(ctx, queue, after, paymentPage)
	if err != nil || next == nil {
		return page, "", fault.At("review-refund: list payments that wait", string(queue), err)
	}
	return page, api.EncodeCursor(next), nil
}

// waitPosition returns where the list goes on, nil for its start, or a KindInvalid error naming
// cursor.
func waitPosition(request api.Request[api.NoBody]) (*payment.WaitPosition, error) {
	var after payment.WaitPosition
	if err := request.Cursor(&after); err != nil || after == (payment.WaitPosition{}) {
		return nil, err
	}
	return &after, after.Payment.Validate("cursor")
}

// readPayment answers one payment, as staff see it.
func (h handler) readPayment(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	id := payment.ID(request.Path("id"))
	// What can be no id is answered like an id that nobody has: the path is no field to correct.
	if id.Validate("payment") != nil {
		return api.Answer{}, fault.NotFound("payment")
	}
	payments, err := h.store.FindPayments(ctx, id)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: payment", string(id), err)
	}
	if len(payments) == 0 {
		return api.Answer{}, fault.NotFound("payment")
	}
	return api.Answer{Status: http.StatusOK, Body: view.Payment(payments[0])}, nil
}

// resolve does what staff decided. What a payment owes after it goes out at once; a replay sends it
// again.
func (h handler) resolve(ctx context.Context, request api.Request[api.ResolvePayment]) (api.Answer, error) {
	// Check sees the payment as Resolve read it, and the commit is refused where it changed since.
	// So a payment that an open claim rests on cannot be resolved away meanwhile.
	order := payment.Order{
		Resolution: payment.Resolution{
			Action: payment.Action(request.Body.Action), Reason: payment.Reason(request.Body.Waits), Note: string(request.Body.Note),
			By: request.Caller.Name,
		},
		Principal: request.Caller.Principal(), Key: request.IdempotencyKey, Check: refund.Unclaimed(h.store, payment.Action(request.Body.Action)),
	}
	if request.Body.Customer != nil {
		order.Customer = ledger.CustomerID(*request.Body.Customer)
	}
	if request.Body.Package != nil {
		order.Package = *request.Body.Package
	}

	id := payment.ID(request.Path("id"))
	result, err := h.payments.Resolve(ctx, id, order, api.Instant(h.now()))
	if err != nil {
		return api.Answer{}, fault.At("review-refund: resolve", string(id), err)
	}

	// Sent after the commit. A caller that gets an error here repeats the request, which sends
	// again; nobody repeating it, the sweep does.
	if err := h.outbox.Send(ctx, result.Written()...); err != nil {
		return api.Answer{}, fault.At("review-refund: send due steps", string(id), err)
	}
	return api.Answer{Status: http.StatusOK, Body: view.Payment(result.Answer), Replayed: result.Replayed}, nil
}
