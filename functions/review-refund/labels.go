package main

import (
	"context"
	"net/http"
	"slices"
	"time"

	"makegood/shared/api"
	"makegood/shared/audit"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// Where a label comes from.
const (
	sourceRuling     = "ruling"
	sourceSecondLook = "second_look"
)

// labels lists what people found of bad results, beside what was measured of each.
func (h handler) labels(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	after, err := placeOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	since, err := sinceOf(request, time.Time{})
	if err != nil {
		return api.Answer{}, err
	}
	cases, next, err := h.store.ListDecided(ctx, after, casePage)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: list labels", "", err)
	}
	groups, err := h.label(ctx, cases, since)
	if err != nil {
		return api.Answer{}, err
	}

	// A page is cut between cases, so that it goes on after the last whose labels it holds. A case
	// has some twenty rulings at most: no case has more than a page.
	list, page := api.LabelList{Labels: []api.Label{}}, api.Page{}
	for i, group := range groups {
		if !page.Takes(anyOf(group)...) {
			next = refund.ListedAfter(cases[i-1].ID)
			break
		}
		list.Labels = append(list.Labels, group...)
	}
	if next != "" {
		list.Next = api.EncodeCursor(place{next})
	}
	return api.Answer{Status: http.StatusOK, Body: list}, nil
}

func anyOf(labels []api.Label) []any {
	rows := make([]any, len(labels))
	for i, label := range labels {
		rows[i] = label
	}
	return rows
}

// label returns the labels of each case, those of that instant and later ones.
func (h handler) label(ctx context.Context, cases []refund.Case, since time.Time) ([][]api.Label, error) {
	groups := make([][]api.Label, len(cases))
	var ids []refund.CaseID
	for _, c := range cases {
		if c.Kind == policy.KindBadResult {
			ids = append(ids, c.ID)
		}
	}
	// Records and answers of the whole page come in one read each, not in two for each case.
	records, looks, err := h.seen(ctx, ids)
	if err != nil || len(ids) == 0 {
		return groups, err
	}
	for i, c := range cases {
		if c.Kind != policy.KindBadResult {
			continue
		}
		seen := labelEvidence(records[string(c.ID)])
		for _, label := range labelsOf(c, looks[string(c.ID)]) {
			if !label.At.Before(since) {
				label.Evidence = seen
				groups[i] = append(groups[i], label)
			}
		}
	}
	return groups, nil
}

// seen returns what was seen of the cases, and what second looks found, by the case.
func (h handler) seen(ctx context.Context, ids []refund.CaseID) (map[string]evidence.Record, map[string]audit.Look, error) {
	if len(ids) == 0 {
		return nil, nil, nil
	}
	records, err := h.store.FindRecords(ctx, ids...)
	if err != nil {
		return nil, nil, fault.At("review-refund: records of labels", "", err)
	}
	looks, err := h.looks.Store.FindAnswers(ctx, asTexts(ids)...)
	if err != nil {
		return nil, nil, fault.At("review-refund: second looks of labels", "", err)
	}
	byCase, answers := map[string]evidence.Record{}, map[string]audit.Look{}
	for _, record := range records {
		byCase[record.Case] = record
	}
	for _, look := range looks {
		answers[look.Case] = look
	}
	return byCase, answers, nil
}

func asTexts(ids []refund.CaseID) []string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return texts
}

// labelsOf returns what people found of the case, in the order of time: every ruling, also one that
// did not come to stand, and the answer to its second look.
func labelsOf(c refund.Case, look audit.Look) []api.Label {
	var labels []api.Label
	add := func(ruling refund.Ruling, clause string, overruled bool) {
		// What was taken back, or may be yet, is nobody's finding.
		if !ruling.TakenBackAt.IsZero() || !overruled && c.State == refund.StateInReview && !ruling.EffectiveAt.IsZero() {
			return
		}
		if ruling.Clause != "" {
			clause = ruling.Clause
		}
		labels = append(labels, api.Label{
			Case: string(c.ID), Source: sourceRuling, Outcome: string(ruling.Outcome), Clause: clause, Overruled: overruled,
			By: ruling.By, At: api.MomentOf(ruling.At),
		})
	}
	for _, ruling := range c.Overruled {
		add(ruling, "", true)
	}
	// The ruling that an appeal is against stands in the appeal, with the clause of that answer.
	if c.Appeal != nil && c.Appeal.Ruling != nil {
		add(*c.Appeal.Ruling, c.First().Clause, false)
	}
	if c.Ruling != nil {
		clause := ""
		if c.State != refund.StateInReview {
			clause = c.Decision.Clause
		}
		add(*c.Ruling, clause, false)
	}
	if answer := look.Answer; answer != nil {
		labels = append(labels, api.Label{
			Case: string(c.ID), Source: sourceSecondLook, Finding: string(answer.Finding), Automatic: string(look.Outcome), Clause: look.Clause,
			By: answer.By, At: api.MomentOf(answer.At),
		})
	}
	slices.SortStableFunc(labels, func(a, b api.Label) int { return a.At.Compare(b.At.Time) })
	return labels
}

// labelEvidence returns what was measured; nil where nobody has looked.
func labelEvidence(record evidence.Record) *api.LabelEvidence {
	if record.Case == "" {
		return nil
	}
	seen := api.LabelEvidence{
		Feature: record.Feature, At: api.MomentOf(record.At), Verdict: string(record.Verdict), Output: labelPicture(record.Output),
		Signals: make([]api.LabelSignal, len(record.Signals)),
	}
	for _, name := range record.Defects {
		seen.Defects = append(seen.Defects, string(name))
	}
	if record.Input != nil {
		seen.Input = new(labelPicture(*record.Input))
	}
	for i, s := range record.Signals {
		seen.Signals[i] = api.LabelSignal{
			Name: string(s.Name), Version: s.Version, Value: s.Value, Threshold: s.Threshold, Present: s.Present, Decides: s.Decides,
		}
	}
	return &seen
}

func labelPicture(p evidence.Picture) api.LabelPicture {
	return api.LabelPicture{
		Problem: string(p.Problem), Sha256: p.SHA256, Bytes: p.Bytes, Format: p.Format, Width: p.Size.Width, Height: p.Size.Height, Frames: p.Frames,
	}
}
