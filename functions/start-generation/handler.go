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
)

type starter interface {
	Start(ctx context.Context, order generation.Order, now time.Time) (generation.Started, error)
}

type generations interface {
	FindGeneration(ctx context.Context, id generation.ID) (*generation.Generation, error)
}

type recorder interface {
	Record(ctx context.Context, id generation.ID, order generation.UseOrder, now time.Time) (replayed bool, err error)
}

type queue interface {
	Finish(ctx context.Context, finished message.GenerationFinished) error
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

func (h handler) instant() time.Time { return h.now().UTC().Truncate(time.Millisecond) }

func (h handler) start(ctx context.Context, request api.Request[api.StartGeneration]) (api.Answer, error) {
	order, err := orderOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	started, err := h.starter.Start(ctx, order, h.instant())
	if err != nil {
		return api.Answer{}, err
	}
	return api.Answer{Status: http.StatusCreated, Replayed: started.Replayed, Body: api.StartedGeneration{
		ID: string(started.ID), State: string(generation.StateHeld), Price: int64(started.Price),
		Model: started.Model, Size: started.Size, Seconds: started.Seconds,
		Balance: api.AvailableBalance{Available: int64(started.Available)},
	}}, nil
}

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
	if body.Seconds != nil {
		if order.Seconds = *body.Seconds; order.Seconds == 0 {
			return generation.Order{}, generation.BadSeconds(generation.MaxSeconds)
		}
	}
	if body.Outputs != nil {
		if order.Outputs = *body.Outputs; order.Outputs == 0 { // absent is one, zero is none
			return generation.Order{}, fault.Invalid("outputs", "must be 1 to %d", generation.MaxOutputs)
		}
	}
	return order, nil
}

// finish puts the result on its queue. A late one goes there too, to be noted; the app is told to discard its pictures.
func (h handler) finish(ctx context.Context, request api.Request[api.GenerationResult]) (api.Answer, error) {
	now := h.instant()
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
	found, err := h.store.FindGeneration(ctx, id)
	if err != nil {
		return api.Answer{}, err
	}
	if found == nil {
		return api.Answer{}, fault.NotFound("generation")
	}
	if len(result.Outputs) > found.Outputs {
		return api.Answer{}, fault.Invalid("outputs", "%d were asked for", found.Outputs)
	}
	if result.Cost != nil && found.Mode != generation.ModeOwnKey {
		return api.Answer{}, fault.Invalid("cost", "only a generation in mode own_key has one")
	}
	if err := h.results.Finish(ctx, result.Message(id)); err != nil {
		return api.Answer{}, err
	}
	disposition := api.DispositionQueued
	if found.State != generation.StateHeld && found.Hash != result.Hash() {
		disposition = api.DispositionDiscard
	}
	return api.Answer{Status: http.StatusAccepted, Body: api.ResultTaken{Disposition: disposition}}, nil
}

func resultOf(body api.GenerationResult) generation.Result {
	result := generation.Result{Status: generation.Status(body.Status), FinishedAt: api.Instant(body.FinishedAt)}
	if f := body.Failure; f != nil {
		result.Failure = &generation.Failure{Cause: generation.Cause(f.Cause), Code: f.Code, Message: word(f.Message)}
	}
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
