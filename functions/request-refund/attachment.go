package main

import (
	"context"
	"net/http"
	"time"

	"makegood/shared/api"
	"makegood/shared/attachment"
	"makegood/shared/aws/bucket/link"
	"makegood/shared/ledger"
)

// uploads makes links by which certain bytes, and no others, are put; link.Signer is one.
type uploads interface {
	Put(ctx context.Context, upload link.Upload, life time.Duration, now time.Time) (string, map[string]string, error)
}

// attach opens an attachment. Its bytes never pass here: who asked sends them by the link. Why:
// infra/decisions/0082.
func (h handler) attach(ctx context.Context, request api.Request[api.OpenAttachment]) (api.Answer, error) {
	now := api.Instant(h.now())
	body := request.Body
	customer, err := ledger.ParseCustomer(body.Customer)
	if err != nil {
		return api.Answer{}, err
	}
	file := attachment.File{MediaType: attachment.MediaType(body.MediaType), Bytes: body.Bytes, SHA256: body.Sha256}
	if err := file.Validate(); err != nil {
		return api.Answer{}, err
	}
	if err := request.Caller.See(customer, "customer"); err != nil {
		return api.Answer{}, err
	}
	opened, err := h.opener.Open(ctx, attachment.Request{
		Customer: customer, File: file, Principal: request.Caller.Principal(), Key: request.IdempotencyKey, Actor: string(request.Caller.Role),
	}, now)
	if err != nil {
		return api.Answer{}, err
	}
	// What is put when no case may take it any more would only have to be removed.
	life := max(min(attachment.LinkLife, opened.ExpiresAt.Sub(now)), time.Second)
	address, headers, err := h.uploads.Put(ctx, link.Upload{
		Key: opened.ID.Object(), MediaType: string(file.MediaType), Bytes: file.Bytes, SHA256: file.SHA256,
	}, life, now)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Answer{Status: http.StatusCreated, Replayed: opened.Replayed, Body: api.OpenedAttachment{
		ID: string(opened.ID), ExpiresAt: api.MomentOf(opened.ExpiresAt),
		// A link counts in whole seconds.
		Upload: api.Upload{Method: http.MethodPut, URL: address, Headers: headers, ExpiresAt: now.Truncate(time.Second).Add(life.Truncate(time.Second))},
	}}, nil
}
