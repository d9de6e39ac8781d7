package view

import (
	"makegood/shared/api"
	"makegood/shared/generation"
	"makegood/shared/refund"
)

// Generation returns the generation, naming its cases in the order given. Refunded is what went back of all its outputs.
func Generation(g generation.Generation, cases []refund.Case) api.Generation {
	shown := api.Generation{
		ID: string(g.ID), Customer: string(g.Customer), Feature: g.Feature, Platform: g.Platform, Surface: g.Surface, Mode: g.Mode,
		Model: g.Model, Outputs: g.Outputs, State: string(g.State), Price: int64(g.Price), Refunded: int64(g.Refunded),
		StartedAt: api.MomentOf(g.StartedAt), Cases: make([]string, len(cases)),
	}
	for i, c := range cases {
		shown.Cases[i] = string(c.ID)
	}
	for _, draw := range g.Draws {
		shown.Draws = append(shown.Draws, api.Draw{Lot: string(draw.Lot), Credits: int64(draw.Credits)})
	}
	if len(cases) > 0 {
		shown.Case = shown.Cases[0]
	}
	if g.Result != nil && g.Hash != "" { // an overdue hold has no result: what stands there is our own word
		shown.FinishedAt = api.Optional(g.Result.FinishedAt)
	}
	if f := g.Failure(); f != nil {
		shown.Failure = &api.Failure{Cause: string(f.Cause), Code: f.Code, Message: f.Message}
	}
	if g.Late != nil {
		shown.Late = &api.LateResult{Status: string(g.Late.Status), At: api.MomentOf(g.Late.At)}
	}
	return shown
}
