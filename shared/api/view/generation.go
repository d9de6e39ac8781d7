package view

import (
	"makegood/shared/api"
	"makegood/shared/generation"
	"makegood/shared/refund"
)

// Generation returns the generation with its draws, and names its cases in the order given.
func Generation(g generation.Generation, cases []refund.Case) api.Generation {
	response := ListedGeneration(g)
	response.Cases = make([]string, len(cases))
	for i, c := range cases {
		response.Cases[i] = string(c.ID)
	}
	if len(cases) > 0 {
		response.Case = response.Cases[0]
	}
	for _, draw := range g.Draws {
		response.Draws = append(response.Draws, api.Draw{Lot: string(draw.Lot), Credits: int64(draw.Credits)})
	}
	return response
}

// ListedGeneration returns the generation as a list shows it. It leaves out draws, and cases, which
// could take nine reads to find. Refunded is the total over all outputs.
func ListedGeneration(g generation.Generation) api.Generation {
	response := api.Generation{
		ID: string(g.ID), Customer: string(g.Customer), Feature: g.Feature, Platform: g.Platform, Surface: g.Surface, Mode: g.Mode,
		Model: g.Model, Size: g.Size, Seconds: g.Seconds, Reference: g.Reference, Outputs: g.Outputs, Came: g.Came(), State: string(g.State),
		Price: int64(g.Price), Charged: int64(g.Captured), Released: int64(g.Released), Refunded: int64(g.Refunded),
		StartedAt: api.MomentOf(g.StartedAt),
	}
	if g.Result != nil && g.Hash != "" { // an overdue hold has no worker's result: what is recorded there is ours
		response.FinishedAt = api.Optional(g.Result.FinishedAt)
	}
	// Each of the next parts is absent unless it happened: no failure, no cost of an own key, no
	// late result.
	if f := g.Failure(); f != nil {
		response.Failure = &api.Failure{Cause: string(f.Cause), Code: f.Code, Message: f.Message}
	}
	if g.Result != nil {
		response.Cost = Cost(g.Result.Cost)
	}
	if g.Late != nil {
		response.Late = &api.LateResult{Status: string(g.Late.Status), At: api.MomentOf(g.Late.At)}
	}
	response.Usage = uses(g)
	return response
}

// uses shows the recorded use of each output that came, and leaves out outputs without one.
func uses(g generation.Generation) []api.OutputUse {
	var list []api.OutputUse
	for output := range g.Came() {
		if use := g.UseOf(output); use.Used() {
			list = append(list, Use(use))
		}
	}
	return list
}

// Use shows what was done with an output.
func Use(use generation.Use) api.OutputUse {
	return api.OutputUse{
		Output: use.Output, Downloaded: use.Downloaded, Bulk: use.Bulk, Commercial: use.Commercial, At: api.MomentOf(use.At),
	}
}

// Cost returns what a generation cost on the customer's own key, nil for nil.
func Cost(c *generation.Cost) *api.Cost {
	if c == nil {
		return nil
	}
	return &api.Cost{Provider: c.Provider, Currency: c.Currency, Micros: c.Micros}
}
