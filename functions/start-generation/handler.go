package main

import (
	"context"
	"net/http"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/text"
)

type starter interface {
	Start(ctx context.Context, order generation.Order, now time.Time) (generation.Started, error)
}

type generations interface {
	FindGeneration(ctx context.Context, id generation.ID) (*generation.Generation, error)
}

type recorder interface {
	Record(ctx context.Context, id generation.ID, order generation.UseOrder, now time.Time) (replay bool, err error)
}

type queue interface {
	Finish(ctx context.Context, m message.GenerationFinished) error
}

type handler struct {
	starter  starter
	store    generations
	recorder recorder
	results  queue
	now      func() time.Time
}

func (h handler) routes(gate api.Gate) http.Handler {
	mux := api.NewMux(gate)
	api.Handle(mux, "POST /v1/generations", api.Route[api.StartGeneration]{
		Roles: []access.Role{access.RoleApp}, Idempotent: true, Run: h.start,
	})
	api.Handle(mux, "POST /v1/generations/{id}/result", api.Route[api.GenerationResult]{
		Roles: []access.Role{access.RoleApp}, Run: h.finish,
	})
	api.Handle(mux, "POST /v1/generations/{id}/usage", api.Route[api.RecordUse]{
		Roles: []access.Role{access.RoleApp}, Idempotent: true, Run: h.use,
	})
	return mux
}

func (h handler) instant() time.Time { return text.Millisecond(h.now()) }

func (h handler) start(ctx context.Context, request api.Request[api.StartGeneration]) (api.Answer, error) {
	order, err := orderOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	answer, err := h.starter.Start(ctx, order, h.instant())
	if err != nil {
		return api.Answer{}, err
	}
	// Held, whatever became of it since: a replay gets the first answer.
	return api.Answer{Status: http.StatusCreated, Replayed: answer.Replayed, Body: api.StartedGeneration{
		ID: string(answer.ID), State: string(generation.StateHeld), Price: int64(answer.Price),
		Model: answer.Model, Size: answer.Size, Seconds: answer.Seconds,
		Balance: api.AvailableBalance{Available: int64(answer.Available)},
	}}, nil
}

// orderOf translates the body. A number that is absent has a default, one that is zero has none:
// the order could not tell the two apart, so zero is refused here.
func orderOf(request api.Request[api.StartGeneration]) (generation.Order, error) {
	body := request.Body
	customer, err := ledger.ParseCustomer(body.Customer)
	if err != nil {
		return generation.Order{}, err
	}
	order := generation.Order{
		Customer: customer, Feature: body.Feature, Platform: string(body.Platform), Outputs: 1,
		Principal: request.Caller.Principal(), Key: request.IdempotencyKey,
	}
	if order.Locale, err = api.Locale(body.Locale, request.Caller); err != nil {
		return generation.Order{}, err
	}
	if body.Surface != nil {
		order.Surface = string(*body.Surface)
	}
	if body.Mode != nil {
		order.Mode = string(*body.Mode)
	}
	order.Model, order.Size, order.Reference = word(body.Model), word(body.Size), word(body.Reference)
	order.Words = generation.Words{Prompt: word(body.Prompt), Template: word(body.Template)}
	if a := body.Asked; a != nil {
		if order.Dimensions = (generation.Dimensions{Width: a.Width, Height: a.Height}); order.Dimensions == (generation.Dimensions{}) {
			return generation.Order{}, generation.BadSide("asked.width")
		}
	}
	if body.Seconds != nil {
		if order.Seconds = *body.Seconds; order.Seconds == 0 {
			return generation.Order{}, generation.BadSeconds(generation.MaxSeconds)
		}
	}
	if body.Outputs != nil {
		if order.Outputs = *body.Outputs; order.Outputs == 0 {
			return generation.Order{}, fault.Invalid("outputs", "must be 1 to %d", generation.MaxOutputs)
		}
	}
	return order, nil
}

// finish puts the result on its queue. A late one goes there too, to be noted, and its answer says
// that the app should discard its pictures.
func (h handler) finish(ctx context.Context, request api.Request[api.GenerationResult]) (api.Answer, error) {
	now := h.instant()
	// Judged before the generation is read: a bad body is refused at no cost.
	result := resultOf(request.Body)
	if err := result.Validate(now); err != nil {
		return api.Answer{}, err
	}
	if err := result.CheckLinks(); err != nil {
		return api.Answer{}, err
	}
	id, err := generation.ParseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	g, err := h.store.FindGeneration(ctx, id)
	if err != nil {
		return api.Answer{}, fault.At("start-generation: load for result", string(id), err)
	}
	if g == nil {
		return api.Answer{}, fault.NotFound("generation")
	}
	// Whoever reads the queue cannot answer the app, so what the generation cannot take is refused
	// here.
	if err := g.Accepts(result); err != nil {
		return api.Answer{}, err
	}
	if err := h.results.Finish(ctx, result.Message(id)); err != nil {
		return api.Answer{}, fault.At("start-generation: queue result", string(id), err)
	}
	// What the queue will do with it can be foreseen, unless another result is on its way.
	disposition := api.DispositionQueued
	if g.Overtaken(result) {
		disposition = api.DispositionDiscard
	}
	return api.Answer{Status: http.StatusAccepted, Body: api.ResultTaken{Disposition: disposition}}, nil
}

func resultOf(body api.GenerationResult) generation.Result {
	result := generation.Result{Status: generation.Status(body.Status), FinishedAt: api.Instant(body.FinishedAt)}
	if f := body.Failure; f != nil {
		result.Failure = &generation.Failure{Cause: generation.Cause(f.Cause), Code: f.Code, Message: word(f.Message)}
	}
	// No list means that all outputs came, an empty one that none did.
	if body.Outputs != nil {
		result.Outputs = make([]generation.Output, len(*body.Outputs))
		for i, output := range *body.Outputs {
			result.Outputs[i] = generation.Output{URL: output.URL, SHA256: word(output.Sha256), MediaType: word(output.MediaType)}
		}
	}
	if body.Input != nil {
		result.InputURL = word(body.Input.URL)
	}
	if body.FailedAttempts != nil {
		result.FailedAttempts = *body.FailedAttempts
	}
	if c := body.Cost; c != nil {
		result.Cost = &generation.Cost{Provider: string(c.Provider), Currency: c.Currency, Micros: c.Micros}
	}
	return result.Cut()
}

func word(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
