package main

import (
	"context"
	"net/http"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/audit"
	"makegood/shared/due"
	"makegood/shared/evidence"
	"makegood/shared/insight"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/standing"
)

// store is what the staff's lists read.
type store interface {
	ListAppeals(ctx context.Context) ([]refund.AppealTally, error)
	ListReview(ctx context.Context, after *refund.ReviewPosition, limit int) ([]refund.Case, bool, error)
	view.Store
	ListWaiting(ctx context.Context, queue payment.ReviewQueue, after *payment.WaitPosition, limit int) ([]payment.Payment, *payment.WaitPosition, error)
	ListDecided(ctx context.Context, cursor string, limit int) ([]refund.Case, string, error)
	FindCases(ctx context.Context, ids ...refund.CaseID) ([]refund.Case, error)
	FindRecords(ctx context.Context, ids ...refund.CaseID) ([]evidence.Record, error)
	refund.Frequents
	ListPayments(ctx context.Context, cursor string, limit int) ([]payment.Payment, string, error)
	due.Retries
	insight.Store
}

type handler struct {
	// store reads the lists.
	store store
	// reviewer records rulings on cases.
	reviewer refund.Reviewer
	// standings reads and sets what a customer may do.
	standings standing.Setter
	// looks takes second looks, and lets signals decide again.
	looks audit.Auditor
	// published is the stack's policy, which has the examples of a feature.
	published *policy.Policy
	// links makes links to kept pictures.
	links view.Linker
	// payments resolves payments.
	payments payment.Receiver
	// outbox sends what a resolved payment owes.
	outbox payment.Outbox
	now    func() time.Time
}

// routes returns the handler of every route. All are for staff alone.
func (h handler) routes(gate api.Gate) http.Handler {
	// A ruling and a resolution move money, so a retry must find the first answer: both demand an
	// idempotency key. A standing is set to a value, and setting it again changes nothing.
	staff := []access.Role{access.RoleStaff}
	mux := api.NewMux(gate)
	api.Handle(mux, "GET /v1/cases", api.Route[api.NoBody]{Roles: staff, Check: checkState, Run: h.list})
	api.Handle(mux, "POST /v1/cases/{id}/verdict", api.Route[api.Verdict]{Roles: staff, Idempotent: true, Run: h.verdict})
	api.Handle(mux, "POST /v1/cases/{id}/preview", api.Route[api.PreviewVerdict]{Roles: staff, Run: h.preview})
	api.Handle(mux, "POST /v1/cases/{id}/take-back", api.Route[api.TakeBackVerdict]{Roles: staff, Run: h.takeBack})
	// Who looks at a case, and who left it to others, is a note: asked twice it is no more.
	api.Handle(mux, "PUT /v1/cases/{id}/assignment", api.Route[api.NoBody]{Roles: staff, Run: h.assign})
	api.Handle(mux, "DELETE /v1/cases/{id}/assignment", api.Route[api.NoBody]{Roles: staff, Run: h.unassign})
	api.Handle(mux, "POST /v1/cases/{id}/skips", api.Route[api.SkipCase]{Roles: staff, Run: h.skip})
	// The proposal is named, and its answer by one name is one answer, however often it comes.
	api.Handle(mux, "POST /v1/cases/{id}/proposal", api.Route[api.AnswerProposal]{Roles: staff, Run: h.answerProposal})
	api.Handle(mux, "GET /v1/appeals", api.Route[api.NoBody]{Roles: staff, Run: h.countAppeals})
	api.Handle(mux, "GET /v1/verdicts", api.Route[api.NoBody]{Roles: staff, Run: h.verdicts})
	api.Handle(mux, "GET /v1/insights", api.Route[api.NoBody]{Roles: staff, Run: h.insights})
	api.Handle(mux, "GET /v1/insights/cases", api.Route[api.NoBody]{Roles: staff, Run: h.insightCases})
	api.Handle(mux, "GET /v1/skips", api.Route[api.NoBody]{Roles: staff, Run: h.skips})
	api.Handle(mux, "GET /v1/labels", api.Route[api.NoBody]{Roles: staff, Run: h.labels})
	api.Handle(mux, "GET /v1/second-looks", api.Route[api.NoBody]{Roles: staff, Run: h.secondLooks})
	api.Handle(mux, "GET /v1/second-looks/{id}", api.Route[api.NoBody]{Roles: staff, Run: h.secondLook})
	api.Handle(mux, "POST /v1/second-looks/{id}", api.Route[api.AnswerSecondLook]{Roles: staff, Idempotent: true, Run: h.answerLook})
	api.Handle(mux, "GET /v1/accuracy", api.Route[api.NoBody]{Roles: staff, Run: h.accuracy})
	api.Handle(mux, "GET /v1/signals", api.Route[api.NoBody]{Roles: staff, Run: h.signals})
	api.Handle(mux, "POST /v1/signals/{id}/lift", api.Route[api.LiftSignal]{Roles: staff, Idempotent: true, Run: h.liftSignal})
	api.Handle(mux, "GET /v1/customers", api.Route[api.NoBody]{Roles: staff, Check: checkNearLimits, Run: h.nearLimits})
	api.Handle(mux, "GET /v1/customers/{id}/standing", api.Route[api.NoBody]{Roles: staff, Run: h.standing})
	api.Handle(mux, "PUT /v1/customers/{id}/standing", api.Route[api.SetStanding]{Roles: staff, Run: h.setStanding})
	api.Handle(mux, "GET /v1/payments", api.Route[api.NoBody]{Roles: staff, Check: checkPaymentState, Run: h.listPayments})
	api.Handle(mux, "GET /v1/payments/{id}", api.Route[api.NoBody]{Roles: staff, Run: h.readPayment})
	api.Handle(mux, "POST /v1/payments/{id}/resolve", api.Route[api.ResolvePayment]{Roles: staff, Idempotent: true, Run: h.resolve})
	// To be due again is a state, not a movement: asked twice it is no more.
	api.Handle(mux, "POST /v1/stuck/{id}/retry", api.Route[api.RetryStuck]{Roles: staff, Run: h.retry})
	return mux
}
