package view

import (
	"makegood/shared/api"
	"makegood/shared/generation"
	"makegood/shared/refund"
)

// Generation returns the generation, naming its cases in the order given.
func Generation(g generation.Generation, cases []refund.Case) api.Generation {
	shown := ListedGeneration(g)
	shown.Cases = make([]string, len(cases))
	for i, c := range cases {
		shown.Cases[i] = string(c.ID)
	}
	if len(cases) > 0 {
		shown.Case = shown.Cases[0]
	}
	for _, draw := range g.Draws {
		shown.Draws = append(shown.Draws, api.Draw{Lot: string(draw.Lot), Credits: int64(draw.Credits)})
	}
	return shown
}

// ListedGeneration returns the generation as a list shows it: without its draws, and without its cases, which up to nine reads would find.
// Refunded is what went back of all its outputs.
func ListedGeneration(g generation.Generation) api.Generation {
	shown := api.Generation{
		ID: string(g.ID), Customer: string(g.Customer), Feature: g.Feature, Platform: g.Platform, Surface: g.Surface, Mode: g.Mode,
		Model: g.Model, Size: g.Size, Seconds: g.Seconds, Reference: g.Reference, Outputs: g.Outputs, Came: g.Came(), State: string(g.State),
		Price: int64(g.Price), Charged: int64(g.Captured), Released: int64(g.Released), Refunded: int64(g.Refunded),
		StartedAt: api.MomentOf(g.StartedAt),
	}
	if g.Result != nil && g.Hash != "" { // an overdue hold has no result: what stands there is our own word
		shown.FinishedAt = api.Optional(g.Result.FinishedAt)
	}
	if f := g.Failure(); f != nil {
		shown.Failure = &api.Failure{Cause: string(f.Cause), Code: f.Code, Message: f.Message}
	}
	if g.Result != nil {
		shown.Cost = Cost(g.Result.Cost)
	}
	if g.Late != nil {
		shown.Late = &api.LateResult{Status: string(g.Late.Status), At: api.MomentOf(g.Late.At)}
	}
	shown.Usage = uses(g)
	return shown
}

// uses shows what is on record of each output, nothing of those of which there is none.
func uses(g generation.Generation) []api.OutputUse {
	var shown []api.OutputUse
	for output := range g.Came() {
		if use := g.UseOf(output); use.Used() {
			shown = append(shown, Use(use))
		}
	}
	return shown
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
