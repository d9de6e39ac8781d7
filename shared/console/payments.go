package console

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/url"
	"slices"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// paymentPage is how many payments a page lists.
const paymentPage = 50

// listFailed is the list of payments of which money was to go back and did not.
const listFailed = "failed"

// paymentStore is what the desk of payments reads.
type paymentStore interface {
	// ListWaiting returns at most limit of the payments in one of staff's lists behind a position
	// (nil: from the first), the longest wait first, and where to go on (nil: nowhere).
	ListWaiting(ctx context.Context, list payment.ReviewQueue, after *payment.WaitPosition, limit int) ([]payment.Payment, *payment.WaitPosition, error)
	// FindPayments returns the payments with these ids; unknown ones are left out.
	FindPayments(ctx context.Context, ids ...payment.ID) ([]payment.Payment, error)
}

// paymentRoutes are the desk of payments.
func (c Console) paymentRoutes() []route {
	return []route{
		get("GET /console/payments", access.PermissionRead, c.payments),
		get("GET /console/payments/{id}", access.PermissionRead, c.payment),
		get("GET /console/payments/{id}/evidence", access.PermissionRead, c.evidence),
		post("POST /console/payments/{id}/preview", access.PermissionResolve, nothing, c.payment),
		post("POST /console/payments/{id}/resolve", access.PermissionResolve, c.resolve, c.payment),
	}
}

// nothing is done by a form that only asks what another would do.
func nothing(request) (string, error) { return "", nil }

// paymentRow is a payment as a list has it.
type paymentRow struct {
	api.Payment
	Path string
	sums
}

// sums are the money of a payment in the policy's words.
type sums struct {
	// Paid is what was paid; Back what went back, is held by a bank or is promised; Promised the
	// part of Back that our own cases promise and that has not come yet; Left what can still go
	// back. Nil where the purchase is not known.
	Paid, Back, Promised, Left *money.Amount
}

// sumsOf returns the money of a payment.
func sumsOf(p payment.Payment) sums {
	if p.Purchase == nil {
		return sums{}
	}
	paid, left := p.Purchase.Money(), p.Refundable()
	back := money.Amount{Currency: left.Currency, Minor: p.RefundTotal()}
	promised := money.Amount{Currency: left.Currency}
	for id, promise := range p.Promised {
		if progress := p.Progress(id); progress == payment.ProgressDue || progress == payment.ProgressPending {
			promised.Minor += promise.Minor
		}
	}
	return sums{&paid, &back, &promised, &left}
}

// paymentsData is what the list's template reads.
type paymentsData struct {
	List string
	Rows []paymentRow
	// Disputes are the rows of a list of disputed payments, in place of Rows.
	Disputes []disputeRow
	// Next is the path of the page behind this one, "" for none.
	Next string
}

// payments lists the payments that wait, or those whose refund failed.
func (c Console) payments(r request) (page, error) {
	data := paymentsData{List: r.URL.Query().Get("list")}
	var listed []payment.Payment
	var err error
	switch data.List {
	case listFailed:
		listed, err = c.unpaid(r)
	default:
		data.List = cmp.Or(data.List, string(payment.ReviewQueueParked))
		if !slices.Contains(payment.ReviewQueues(), payment.ReviewQueue(data.List)) {
			return page{}, fault.Invalid("list", "must be parked, repeated, failed, disputed or contested")
		}
		listed, data.Next, err = c.waitingPayments(r, payment.ReviewQueue(data.List))
	}
	if err != nil {
		return page{}, err
	}
	if list := payment.ReviewQueue(data.List); list.OfDisputes() {
		data.Disputes = slices.DeleteFunc(disputesOf(r.Now, listed...), func(d disputeRow) bool {
			return d.Contested != (list == payment.ReviewQueueContested)
		})
		return page{Template: "payments", Title: "Payments", Data: data}, nil
	}
	for _, p := range listed {
		data.Rows = append(data.Rows, paymentRow{view.Payment(p), paymentPath(p.ID), sumsOf(p)})
	}
	return page{Template: "payments", Title: "Payments", Data: data}, nil
}

func paymentPath(id payment.ID) string { return "/console/payments/" + url.PathEscape(string(id)) }

func (c Console) waitingPayments(r request, list payment.ReviewQueue) ([]payment.Payment, string, error) {
	var after *payment.WaitPosition
	if err := api.DecodeCursor(r.URL.Query().Get("cursor"), &after); err != nil {
		return nil, "", err
	}
	listed, next, err := c.Store.ListWaiting(r.Context(), list, after, paymentPage)
	if err != nil || next == nil {
		return listed, "", fault.At("console: payments that wait", string(list), err)
	}
	return listed, "/console/payments" + queryOf("list", string(list), "cursor", api.EncodeCursor(next)), nil
}

// unpaid returns the payments whose refund failed: their cases wait in the review queue.
func (c Console) unpaid(r request) ([]payment.Payment, error) {
	all, _, err := c.waiting(r.Context())
	if err != nil {
		return nil, err
	}
	var ids []payment.ID
	cases := map[payment.ID][]refund.CaseID{}
	for _, w := range all {
		if id := payment.ID(w.Payment); id != "" && id.Validate("payment") == nil {
			if cases[id] == nil {
				ids = append(ids, id)
			}
			cases[id] = append(cases[id], w.ID)
		}
	}
	found, err := c.Store.FindPayments(r.Context(), ids...)
	if err != nil {
		return nil, fault.At("console: payments of waiting cases", "", err)
	}
	var failed []payment.Payment
	for _, p := range found {
		for _, id := range cases[p.ID] {
			if p.Progress(string(id)) == payment.ProgressFailed {
				failed = append(failed, p)
				break
			}
		}
	}
	return failed, nil
}

// resolveChoice is what one action would do.
type resolveChoice struct {
	Action payment.Action
	Title  string
	Key    string
	// Refusal says why it is not possible, "" where it is.
	Refusal string
	// Entries are the credits that it moves, Promised the money that it sends back; State is what
	// the payment is then.
	Entries  []ledger.Entry
	Promised *money.Amount
	State    string
	// Request: a case is opened, of which the policy decides.
	Request bool
}

// paymentData is what the page of one payment reads.
type paymentData struct {
	Payment api.Payment
	sums
	// Open are its open disputes.
	Open []disputeRow
	// Key tells this form from another: sent twice, it resolves once.
	Key     string
	Choices []resolveChoice
}

// paymentOf returns the payment that the path names.
func (c Console) paymentOf(r request) (payment.Payment, error) {
	id := payment.ID(r.PathValue("id"))
	if id.Validate("payment") != nil {
		return payment.Payment{}, fault.NotFound("payment")
	}
	found, err := c.Store.FindPayments(r.Context(), id)
	if err != nil {
		return payment.Payment{}, fault.At("console: payment", string(id), err)
	}
	if len(found) == 0 {
		return payment.Payment{}, fault.NotFound("payment")
	}
	return found[0], nil
}

// payment is the page of one payment, with what each action would do.
func (c Console) payment(r request) (page, error) {
	p, err := c.paymentOf(r)
	if err != nil {
		return page{}, err
	}
	data := paymentData{Payment: view.Payment(p), sums: sumsOf(p), Key: rand.Text(), Open: disputesOf(r.Now, p)}
	if p.Waits() != "" && r.Caller.May(access.PermissionResolve) {
		if data.Choices, err = c.choicesOf(r, p); err != nil {
			return page{}, err
		}
	}
	return page{Template: "payment", Title: "Payment", Data: data}, nil
}

// choicesOf returns what each action would do now, by the steps that would do it. One that never
// fits what the payment waits for is left out.
func (c Console) choicesOf(r request, p payment.Payment) ([]resolveChoice, error) {
	var choices []resolveChoice
	for _, choice := range []resolveChoice{
		{Action: payment.ActionGrant, Title: "Grant the credits", Key: "c"},
		{Action: payment.ActionRefund, Title: "Pay it back", Key: "b"},
		{Action: payment.ActionTakeBack, Title: "Take the credits back", Key: "t"},
		{Action: payment.ActionIgnore, Title: "Leave it as it is", Key: "i"},
	} {
		order := c.resolution(r, choice.Action)
		order.Reason, order.Note, order.Key = p.Waits(), "preview", ""
		result, err := c.Payments.Preview(r.Context(), p.ID, order, r.Now)
		if kind := fault.KindOf(err); kind == fault.KindInvalid || kind == fault.KindConflict {
			if problem := api.ProblemOf(err); problem.Field != "action" {
				choice.Refusal = sentenceOf(err)
				choices = append(choices, choice)
			}
			continue
		}
		if err != nil {
			return nil, fault.At("console: preview of a resolution", string(p.ID), err)
		}
		choice.Entries, choice.State = result.Entries, string(result.Payment.State)
		choice.Request = result.Payment.Todo.Has(todo.StepRefund)
		if p.Purchase != nil {
			if more := p.Refundable().Minor - result.Payment.Refundable().Minor; more > 0 {
				choice.Promised = &money.Amount{Currency: p.Refundable().Currency, Minor: more}
			}
		}
		choices = append(choices, choice)
	}
	return choices, nil
}

// resolution returns the order of the form.
func (c Console) resolution(r request, action payment.Action) payment.Order {
	form := r.PostForm
	order := payment.Order{
		Resolution: payment.Resolution{Action: action, Reason: payment.Reason(form.Get("waits")), Note: form.Get("note"), By: r.Caller.Name},
		Principal:  r.Caller.Principal(), Key: form.Get("key"), Check: refund.Unclaimed(c.Store, action),
	}
	// Only a grant to somebody needs their name, and a package.
	if action == payment.ActionGrant {
		order.Customer, order.Package = ledger.CustomerID(form.Get("customer")), form.Get("package")
	}
	return order
}

// resolve does what the person decided, and sends what the payment owes after it.
func (c Console) resolve(r request) (string, error) {
	id := payment.ID(r.PathValue("id"))
	if r.PostForm.Get("key") == "" {
		return "", fault.Missing("key")
	}
	result, err := c.Payments.Resolve(r.Context(), id, c.resolution(r, payment.Action(r.PostForm.Get("action"))), r.Now)
	if err != nil {
		return "", fault.At("console: resolve", string(id), err)
	}
	if err := c.Outbox.Send(r.Context(), result.Written()...); err != nil {
		return "", fault.At("console: send due steps", string(id), err)
	}
	return paymentPath(id), nil
}
