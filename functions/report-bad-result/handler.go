package main

import (
	"context"
	"net/http"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

type handler struct {
	reports refund.Reporter
	now     func() time.Time
}

// routes returns the handler of the one route.
func (h handler) routes(gate api.Gate) http.Handler {
	mux := api.NewMux(gate)
	api.Handle(mux, "POST /v1/reports", api.Route[api.ReportBadResult]{
		Roles:      []access.Role{access.RoleApp, access.RoleCustomer, access.RoleStaff},
		Idempotent: true,
		Run:        h.report,
	})
	return mux
}

// report opens a case about an output. The verdict comes later, so the answer is 202.
func (h handler) report(ctx context.Context, request api.Request[api.ReportBadResult]) (api.Answer, error) {
	report := reportOf(request)
	var err error
	if report.Locale, err = api.Locale(request.Body.Locale, request.Caller); err != nil {
		return api.Answer{}, err
	}
	// File runs the check of report.See once it has loaded the generation, for only that says whose
	// it is.
	outcome, err := h.reports.File(ctx, report, api.Instant(h.now()))
	return view.Opened(http.StatusAccepted, outcome), err
}

// reportOf returns the report of the body. What is left out stays unknown.
func reportOf(request api.Request[api.ReportBadResult]) refund.Report {
	body := request.Body
	report := refund.Report{
		Generation: generation.ID(body.Generation),
		Statement:  refund.Statement{Description: string(body.Description)},
		Principal:  request.Caller.Principal(), Key: request.IdempotencyKey, Actor: string(request.Caller.Role),
		See: func(customer ledger.CustomerID) error { return request.Caller.See(customer, "generation") },
	}
	if body.Attachments != nil {
		report.Attachments = *body.Attachments
	}
	// An absent usage is the same as none: what the app does not track is not held against the
	// customer.
	if body.Output != nil {
		report.Output = *body.Output
	}
	if body.Issue != nil {
		report.Statement.Issue = policy.Issue(*body.Issue)
	}
	if body.Usage != nil {
		report.Statement.Usage = policy.UsageFacts{BulkDownloaded: body.Usage.BulkDownloaded, CommercialUse: body.Usage.CommercialUse}
	}
	if r := body.Region; r != nil {
		report.Statement.Region = &refund.Region{X: r.X, Y: r.Y, Width: r.Width, Height: r.Height}
	}
	return report
}
