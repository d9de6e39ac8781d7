package main

import (
	"context"
	"log/slog"
	"net/http"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/erasure"
	"makegood/shared/fault"
	"makegood/shared/ledger"
)

type eraser interface {
	Erase(ctx context.Context, customer ledger.CustomerID, from erasure.Position, dry bool) (erasure.Report, error)
}

type handler struct{ eraser eraser }

func (h handler) routes(gate api.Gate) http.Handler {
	staff := []access.Role{access.RoleStaff}
	mux := api.NewMux(gate)
	// Gone is a state, not a movement: to erase again is to erase nothing, so it takes no key.
	api.Handle(mux, "GET /v1/customers/{id}/personal", api.Route[api.NoBody]{Roles: staff, Run: h.run(true)})
	api.Handle(mux, "DELETE /v1/customers/{id}/personal", api.Route[api.NoBody]{Roles: staff, Run: h.run(false)})
	return mux
}

// run answers what there is of the customer, and where it is not dry, erases that.
func (h handler) run(dry bool) func(context.Context, api.Request[api.NoBody]) (api.Answer, error) {
	return func(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
		var from erasure.Position
		if err := request.Cursor(&from); err != nil {
			return api.Answer{}, err
		}
		customer, err := ledger.ParseCustomer(request.Path("id"))
		if err != nil {
			return api.Answer{}, fault.NotFound("customer")
		}
		report, err := h.eraser.Erase(ctx, customer, from, dry)
		if err != nil {
			return api.Answer{}, err
		}
		response := reportView(customer, report)
		if !dry {
			// No row tells of what is gone: who erased it stands in the log.
			response.By = request.Caller.Name
			slog.InfoContext(ctx, "personal data erased", "wallet", customer.Key(), "by", response.By)
		}
		return api.Answer{Status: http.StatusOK, Body: response}, nil
	}
}

func reportView(customer ledger.CustomerID, report erasure.Report) api.PersonalData {
	t := report.Tally
	response := api.PersonalData{
		Customer: string(customer), Complete: report.Next == nil,
		Cases: t.Cases, OpenCases: t.OpenCases, Attachments: t.Attachments, Generations: t.Generations, OpenGenerations: t.OpenGenerations,
		StandingNotes: t.Standings, Evidence: t.Evidence,
	}
	if report.Next != nil {
		response.Next = api.EncodeCursor(report.Next)
	}
	for _, one := range erasure.Remainders() {
		response.Stays = append(response.Stays, api.Remainder{What: one.What, Why: one.Why})
	}
	return response
}
