package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"time"

	"makegood/shared/api"
	"makegood/shared/fault"
	"makegood/shared/refund"
	"makegood/shared/text"
)

// skips lists what staff left to others: each case has a verdict, of the policy's, that sent it to
// them.
func (h handler) skips(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	after, err := placeOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	cases, next, err := h.store.ListDecided(ctx, after, casePage)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: list skips", "", err)
	}
	// A page is cut between cases, so that it goes on after the last whose skips it holds.
	list, page, last := api.SkipList{Skips: []api.Skip{}}, api.Page{}, after
	for _, c := range cases {
		group := skipsOf(c)
		rows := make([]any, len(group))
		for n, skip := range group {
			rows[n] = skip
		}
		if !page.Takes(rows...) {
			next = last
			break
		}
		list.Skips, last = append(list.Skips, group...), refund.ListedAfter(c.ID)
	}
	if next != "" {
		list.Next = api.EncodeCursor(place{next})
	}
	if request.Accepts(api.MediaCSV) {
		return api.Answer{Status: http.StatusOK, CSV: skipTable(list), Next: list.Next}, nil
	}
	return api.Answer{Status: http.StatusOK, Body: list}, nil
}

// skipTable returns the list as a table for spreadsheets.
func skipTable(list api.SkipList) []byte {
	var table bytes.Buffer
	out := csv.NewWriter(&table)
	_ = out.Write([]string{"case", "kind", "state", "clause", "by", "reason", "at"}) // a buffer never fails to be written
	for _, s := range list.Skips {
		_ = out.Write([]string{s.Case, s.Kind, s.State, s.Clause, text.Cell(s.By), text.Cell(s.Reason), s.At.UTC().Format(time.RFC3339)})
	}
	out.Flush()
	return table.Bytes()
}

func skipsOf(c refund.Case) []api.Skip {
	list := make([]api.Skip, len(c.Skips))
	for i, skip := range c.Skips {
		list[i] = api.Skip{
			Case: string(c.ID), Kind: string(c.Kind), State: string(c.State), Clause: c.Decision.Clause,
			By: skip.By, Reason: skip.Reason, At: api.MomentOf(skip.At),
		}
	}
	return list
}
