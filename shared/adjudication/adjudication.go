// Package adjudication owns what a model is asked about a bad result, and what its answers come to:
// the words, the schemas, the two passes, and what a month of it may cost.
//
// It refuses to know whose model it is and how it is reached, and what a policy makes of an
// opinion.
//
// Invariants:
//   - An opinion supports an approval or says nothing. No answer speaks against a customer.
//   - It supports only where both passes, with the pictures in either order, found the same ruinous
//     defect in the same place on the whole and on an enlarged part, and that the claim is right.
//   - What a customer wrote is data in a part of its own, never among the words that say what to
//     do. Nothing is ever counted.
//   - Nothing is asked before the month's budget holds the most that it can cost.
//
// Words: claim (what is judged), exhibit (its pictures and questions), look and closer look (the
// two calls of a pass), pass, opinion, spend (what one opinion may cost, and what it did).
//
// Why: infra/decisions/0060.
package adjudication

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/policy"
)

// The time that is given. A model that compiles the schema for the first time may need minutes:
// then a person looks.
const (
	// PassTime bounds both calls of a pass; the passes run at once.
	PassTime = 30 * time.Second
	// spareTime is left of the caller's time for what it writes afterward.
	spareTime = 8 * time.Second
	// bookTime bounds the writing of what was spent.
	bookTime = 4 * time.Second
)

// Claim is what a model is asked about.
type Claim struct {
	// Case is the id of the case.
	Case string
	// Feature is the name of what made the output.
	Feature string
	// Issue is what the customer chose from the list, "" where nothing.
	Issue policy.Issue
	// Description is in the customer's words.
	Description string
	// Prompt is what the output was made by, in the customer's words; "" where the app sent none.
	Prompt string
	// Output is the preview of the output: a PNG or JPEG of at most MaxSide pixels a side.
	Output []byte
	// Input is that of the upload, nil where there is none.
	Input []byte
}

// Model answers questions.
type Model interface {
	// Ask makes one call. What goes wrong is the answer's problem.
	Ask(ctx context.Context, question Question) Answer
}

// Answer is what became of a question.
type Answer struct {
	// Text is the model's answer, "" where there is a problem.
	Text string
	// Problem is why there is none.
	Problem evidence.OpinionOutcome
	// InputTokens is how many were sent.
	InputTokens int64
	// OutputTokens is how many were answered.
	OutputTokens int64
	// Uncounted says that the call may have cost something, and that nobody knows how much.
	Uncounted bool
	// Untempered says that the model takes no temperature.
	Untempered bool
}

// Adjudicator asks a model twice, within a budget.
type Adjudicator struct {
	// Model is asked.
	Model Model
	// Name is the model's id.
	Name string
	// Prices are the model's.
	Prices Prices
	// Budget holds what a month may cost.
	Budget Budget
	// MonthlyMicros is how much that is, in millionths of a US dollar.
	MonthlyMicros int64
}

// Adjudicate returns the opinion on a claim. An error is the budget's alone: then nothing was
// asked, and the same call may be made again.
func (a Adjudicator) Adjudicate(ctx context.Context, claim Claim, now time.Time) (evidence.Opinion, error) {
	exhibit, fit := newExhibit(claim)
	if !fit {
		return Without(evidence.OpinionNoQuestion), nil
	}
	// The most that both passes can cost is taken from the month before anything is asked.
	spend := Spend{Month: MonthOf(now), ID: claim.Case + "#" + rand.Text(), Micros: a.mostOf(exhibit), At: now}
	fits, err := fault.RetryFor(ctx, func(ctx context.Context) (bool, error) {
		return a.Budget.BeginSpend(ctx, spend, a.MonthlyMicros)
	})
	if err != nil {
		return evidence.Opinion{}, fault.At("adjudication.Adjudicate: begin", claim.Case, err)
	}
	if !fits {
		return Without(evidence.OpinionBudget), nil
	}
	opinion := a.opinionOn(ctx, exhibit)
	a.book(ctx, spend, &opinion)
	return opinion, nil
}

// Without returns the opinion of that outcome for which nothing was asked.
func Without(outcome evidence.OpinionOutcome) evidence.Opinion {
	return evidence.Opinion{Outcome: outcome, Sentence: sentences[outcome]}
}

// opinionOn makes both passes at once and says what they come to.
func (a Adjudicator) opinionOn(ctx context.Context, exhibit exhibit) evidence.Opinion {
	ctx, cancel := context.WithTimeout(ctx, limitOf(ctx))
	defer cancel()
	// Neither pass knows of the other: that both say the same is all that their agreement is worth.
	passes, bills := make([]evidence.Pass, len(orders)), make([]bill, len(orders))
	var group sync.WaitGroup
	for i, order := range orders {
		group.Go(func() { passes[i], bills[i] = a.pass(ctx, exhibit, order) })
	}
	group.Wait()
	opinion := Without(judge(passes))
	opinion.Model, opinion.PromptHash, opinion.Prices, opinion.Passes = a.Name, PromptHash(), a.Prices.String(), passes
	for _, bill := range bills {
		opinion.InputTokens += bill.input
		opinion.OutputTokens += bill.output
		opinion.CostMicros += bill.micros
		opinion.Bounded = opinion.Bounded || bill.bounded
		opinion.Untempered = opinion.Untempered || bill.untempered
	}
	return opinion
}

// limitOf returns how long the passes may take: the caller must still write down what came of them.
func limitOf(ctx context.Context) time.Duration {
	deadline, limited := ctx.Deadline()
	if !limited {
		return PassTime
	}
	return min(PassTime, time.Until(deadline)-spareTime)
}

// book gives back to the month what was not used. Where that cannot be written the month keeps the
// most, and so does the opinion.
func (a Adjudicator) book(ctx context.Context, spend Spend, opinion *evidence.Opinion) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bookTime)
	defer cancel()
	err := fault.Retry(ctx, func(ctx context.Context) error {
		return a.Budget.EndSpend(ctx, spend, opinion.CostMicros)
	})
	if err != nil {
		opinion.CostMicros, opinion.Bounded = max(spend.Micros, opinion.CostMicros), true
	}
}
