package view

import (
	"makegood/shared/api"
	"makegood/shared/money"
	"makegood/shared/outage"
)

// Outage returns an outage as staff read it.
func Outage(o outage.Outage) api.Outage {
	response := api.Outage{
		ID: string(o.ID), StartedAt: api.Instant(o.StartedAt), EndedAt: api.Optional(o.EndedAt), Features: o.Features,
		PreventedUse: o.PreventedUse, DeclaredAt: api.Instant(o.DeclaredAt), By: o.By,
		CorrectedAt: api.Optional(o.CorrectedAt), CorrectedBy: o.CorrectedBy, WithdrawnAt: api.Optional(o.WithdrawnAt), WithdrawnBy: o.WithdrawnBy,
		Preview: api.OutagePreview{
			Estimate: true, Purchases: o.Preview.Purchases, Unspent: int64(o.Preview.Unspent), Complete: o.Preview.Complete,
			Money: append([]money.Amount{}, o.Preview.Money...),
		},
	}
	// Before its run begins, an outage has no member "run" at all.
	if run := o.Run; run != nil {
		response.Run = &api.OutageRun{Give: string(run.Give), StartedAt: api.Instant(run.StartedAt), By: run.By, Seen: run.Seen, Asked: run.Requested, DoneAt: api.Optional(run.DoneAt)}
	}
	return response
}
