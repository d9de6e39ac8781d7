package main

import (
	"context"
	"net/http"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/attachment"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/notice"
	"makegood/shared/outage"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/text"
)

type handler struct {
	claims  refund.Claimer
	appeals refund.Appealer
	opener  attachment.Opener
	uploads uploads
	inbox   notice.Inbox
	policy  *policy.Policy
	now     func() time.Time
}

// routes returns the handler of all routes. A customer, the app for them, and staff may ask; what a
// customer has read, staff do not say.
func (h handler) routes(gate api.Gate) http.Handler {
	// The first three open something, so they demand an idempotency key: a retry must not open a
	// second case.
	everyone := []access.Role{access.RoleApp, access.RoleCustomer, access.RoleStaff}
	mux := api.NewMux(gate)
	api.Handle(mux, "POST /v1/refund-requests", api.Route[api.RequestRefund]{Roles: everyone, Idempotent: true, Run: h.claim})
	api.Handle(mux, "POST /v1/cases/{id}/appeal", api.Route[api.AppealCase]{Roles: everyone, Idempotent: true, Run: h.appeal})
	api.Handle(mux, "POST /v1/attachments", api.Route[api.OpenAttachment]{Roles: everyone, Idempotent: true, Run: h.attach})
	api.Handle(mux, "POST /v1/customers/{id}/notices/read", api.Route[api.MarkNoticesRead]{
		Roles: []access.Role{access.RoleApp, access.RoleCustomer}, Run: h.markRead,
	})
	return mux
}

// appeal puts a declined case before staff again.
func (h handler) appeal(ctx context.Context, request api.Request[api.AppealCase]) (api.Answer, error) {
	id, err := refund.ParseCaseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	// Whose case it is shows only after it is loaded, so the check goes along. To a customer, the
	// case of another does not exist.
	outcome, err := h.appeals.Appeal(ctx, id, refund.AppealOrder{
		Words: string(request.Body.Words), Actor: string(request.Caller.Role), By: request.Caller.Name,
		Principal: request.Caller.Principal(), Key: request.IdempotencyKey,
		See: func(customer ledger.CustomerID) error { return request.Caller.See(customer, "case") },
	}, api.Instant(h.now()))
	return view.Opened(http.StatusAccepted, outcome), err
}

// markRead marks what the customer was notified of as read.
func (h handler) markRead(ctx context.Context, request api.Request[api.MarkNoticesRead]) (api.Answer, error) {
	upTo := api.Instant(request.Body.UpTo)
	// Ahead of now it would hide what is still to come.
	if upTo.After(h.now()) {
		return api.Answer{}, fault.Invalid("up_to", "must not be ahead of now")
	}
	customer, err := ledger.ParseCustomer(request.Path("id"))
	if err != nil {
		return api.Answer{}, fault.NotFound("customer")
	}
	if err := request.Caller.See(customer, "customer"); err != nil {
		return api.Answer{}, err
	}
	read, err := h.inbox.MarkRead(ctx, customer, upTo)
	return api.Answer{Status: http.StatusOK, Body: api.NoticesRead{ReadUpTo: api.MomentOf(read)}}, err
}

// claim judges all fields before it looks whose claim it is: to a customer, another one does not
// exist. What the policy demands beside is judged once it is known that this is no replay.
func (h handler) claim(ctx context.Context, request api.Request[api.RequestRefund]) (api.Answer, error) {
	now := api.Instant(h.now())
	claim, err := requestOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	claim.Needs = h.policy.Current(now).ClaimNeeds(claim.Kind)
	if err := claim.Validate(now); err != nil {
		return api.Answer{}, err
	}
	if err := request.Caller.See(claim.Customer, "customer"); err != nil {
		return api.Answer{}, err
	}
	// The case is opened and a decision requested. The verdict comes later, so the answer is 202.
	outcome, err := h.claims.File(ctx, claim, now)
	return view.Opened(http.StatusAccepted, outcome), err
}

// requestOf returns the claim of the body, or a KindInvalid error that names the field.
func requestOf(request api.Request[api.RequestRefund]) (refund.Request, error) {
	body := request.Body
	customer, err := ledger.ParseCustomer(body.Customer)
	if err != nil {
		return refund.Request{}, err
	}

	// Customers often know the day of a purchase and not the time. Such a claim matches the whole
	// day.
	paidAt, day, err := text.ParseDayOrInstant("claim.paid_at", string(body.Claim.PaidAt))
	if err != nil {
		return refund.Request{}, err
	}
	claim := refund.Request{
		Kind: policy.Kind(body.Kind), Customer: customer,
		Claim: refund.Claim{
			Email: string(body.Claim.Email), PaidAt: paidAt, WholeDay: day, Amount: body.Claim.Amount,
			Reason: string(body.Claim.Reason), TransactionIDs: body.Claim.TransactionIds, Attachments: body.Claim.Attachments,
		},
		Principal: request.Caller.Principal(), Key: request.IdempotencyKey, Actor: string(request.Caller.Role),
	}
	if claim.Locale, err = api.Locale(body.Locale, request.Caller); err != nil {
		return refund.Request{}, err
	}

	// Payment and outage may be unknown: the decision then looks for them. A wrong one is refused
	// now, while somebody is there to correct it.
	if body.Payment != nil {
		if claim.Payment = *body.Payment; text.Blank(claim.Payment) { // absent is unknown, blank is a mistake
			return refund.Request{}, fault.Invalid("payment", "must name one: leave it out where it is not known")
		}
	}
	if body.Outage != nil {
		if claim.Outage, err = outage.ParseID(*body.Outage); err != nil {
			return refund.Request{}, fault.Invalid("outage", "must be the id of an outage: leave it out where none was offered")
		}
	}
	return claim, nil
}
