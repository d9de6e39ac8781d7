package assessment

import (
	"context"
	"slices"
	"time"

	"makegood/shared/adjudication"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/refund"
)

// Adjudicator asks a model about a claim.
type Adjudicator interface {
	// Adjudicate returns the model's opinion. An error is ours, and may pass: nothing was asked.
	Adjudicate(ctx context.Context, claim adjudication.Claim, now time.Time) (evidence.Opinion, error)
}

// adjudicate has a model look at an output of which no signal is sure, where the stack has one and
// the policy lets it support a refund. What it supports is a defect of the record; whatever else it
// says stands on the record for a person, and moves nothing. Stopped are the names that may not
// decide for now.
// Why: infra/decisions/0060.
func (a Assessor) adjudicate(
	ctx context.Context, subject refund.Assessment, seen sighting, record *evidence.Record, stopped []evidence.Name, now time.Time,
) error {
	rules := subject.Revision.Evidence
	if a.Adjudicator == nil || rules.AdjudicatorCap == 0 || record.Verdict != evidence.VerdictUnsure {
		return nil
	}
	// An answer that could not count is not paid for.
	switch {
	case slices.Contains(stopped, evidence.Adjudicated):
		record.Opinion = new(adjudication.Without(evidence.OpinionSuspended))
		return nil
	case !subject.Revision.Adjudicates(subject.Price, stopped):
		record.Opinion = new(adjudication.Without(evidence.OpinionOverCap))
		return nil
	}
	opinion, err := a.Adjudicator.Adjudicate(ctx, claimOf(subject, seen), now)
	if err != nil {
		return fault.At("assessment.Assess: adjudicate", record.Case, err)
	}
	record.Opinion = &opinion
	if opinion.Outcome == evidence.OpinionSupports {
		record.Verdict, record.Defects = evidence.VerdictUnusable, []evidence.Name{evidence.Adjudicated}
	}
	return nil
}

// claimOf returns what a model is asked about: the previews that staff see, and the customer's
// words.
func claimOf(subject refund.Assessment, seen sighting) adjudication.Claim {
	statement := subject.Case.Statement
	return adjudication.Claim{
		Case: string(subject.Case.ID), Feature: subject.Generation.Feature, Issue: statement.Issue, Description: statement.Description,
		Prompt: subject.Generation.Words.Prompt, Output: seen.look.OutputPreview, Input: seen.look.InputPreview,
	}
}
