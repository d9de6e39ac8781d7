package refund

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"makegood/shared/attachment"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/origin"
	"makegood/shared/policy"
	"makegood/shared/text"
	"makegood/shared/todo"
)

// Report says that one output of a generation is a bad result.
type Report struct {
	// Generation is as the caller gave it: it may be any text.
	Generation generation.ID
	// Output is which of the generation's outputs, counted from 0.
	Output int
	// Statement is what the customer says of it.
	Statement Statement
	// Attachments are the ids of the proofs that its case is to take.
	Attachments []string
	// Principal is the caller.
	Principal string
	// Key is the caller's idempotency key.
	Key string
	// Actor is what the caller is: one of the ledger's actors.
	Actor string
	// Locale is the language that the customer reads, "" for the generation's.
	Locale string
	// See returns an error where the caller may not know of the generation's customer; nil: they
	// may know of all.
	See func(customer ledger.CustomerID) error
}

const fieldAttachments = "attachments"

// Reporter takes reports: one for each output.
type Reporter struct {
	// Store finds the generation, and opens the case.
	Store Openings
	// Assessments is the queue of whoever looks at the pictures.
	Assessments Assessments
	// Attachments says what a case may take.
	Attachments attachment.Taker
}

// File opens the case of a bad result and asks for a look at its pictures, which ends in a request
// for a decision. When it returns nil, the report is durable.
//
// Errors:
//   - KindInvalid: description, issue or a field of region; generation, where all of it failed;
//     output, where no such output came.
//   - KindNotFound, KindBusy.
//   - Those of attachment.Taker.Look, with the field attachments[n].
//   - KindConflict: already_reported with the case; idempotency_key_reused; result_pending, where
//     no result is recorded yet.
func (r Reporter) File(ctx context.Context, report Report, now time.Time) (Opened, error) {
	if err := report.Validate(); err != nil {
		return Opened{}, err
	}
	// A text that is no id of ours never reaches the store.
	id, err := generation.ParseID(string(report.Generation))
	if err != nil {
		return Opened{}, err
	}
	g, err := fault.RetryFor(ctx, func(ctx context.Context) (*generation.Generation, error) {
		return r.Store.FindGeneration(ctx, id)
	})
	if err != nil {
		return Opened{}, fault.At("refund.File: find generation", string(id), err)
	}
	if g == nil {
		return Opened{}, fault.NotFound("generation")
	}
	// Before anything is said of the generation: another's must look like none at all.
	if report.See != nil {
		if err := report.See(g.Customer); err != nil {
			return Opened{}, err
		}
	}
	if err := reportable(*g, report.Output); err != nil {
		return Opened{}, err
	}
	// A report makes no claim about a purchase, and what it takes is not known yet, whatever its
	// caller put there.
	statement := report.Statement
	statement.Claim, statement.Attachments = nil, nil
	draft := submission{
		put: r.Store.OpenCase, step: todo.StepAssess, actor: report.Actor, store: r.Store, taker: r.Attachments,
		wanted: wanted(fieldAttachments, report.Attachments),
	}
	draft.request = func(ctx context.Context, c Case) error {
		return r.Assessments.Assess(ctx, message.NewResultReported(string(c.ID), c.Generation))
	}
	draft.c = Case{
		ID: ReportCaseID(g.ID, report.Output), Kind: policy.KindBadResult, Customer: g.Customer,
		Generation: string(g.ID), Output: report.Output, Statement: &statement, Locale: cmp.Or(report.Locale, g.Locale),
		Origin: origin.Of(report.Principal, report.Key, report.input(g.ID)...),
	}
	return draft.open(ctx, now)
}

// input returns what tells the report from another under the same key. What a report may leave out
// is told only where it is given: requests from before it could be are replayed, too.
func (r Report) input(id generation.ID) []string {
	words := r.Statement
	input := []string{string(id), strconv.Itoa(r.Output), words.Description, string(words.Issue), fmt.Sprint(words.Usage)}
	if words.Region != nil {
		input = append(input, fmt.Sprintf("region %v", *words.Region))
	}
	return append(input, r.Attachments...)
}

// Validate returns a KindInvalid error that names description, issue, output, a field of region or
// attachments, or the KindNotFound error of an attachment that can be none. It reads the report
// alone: whether such an output came is not checked here.
func (r Report) Validate() error {
	if err := text.Check("description", r.Statement.Description, MaxWords); err != nil {
		return err
	}
	if r.Output < 0 || r.Output >= generation.MaxOutputs {
		return fault.Invalid("output", "must be 0 to %d", generation.MaxOutputs-1)
	}
	if r.Statement.Region != nil {
		if err := r.Statement.Region.Validate("region"); err != nil {
			return err
		}
	}
	if err := r.Statement.Issue.Validate("issue"); err != nil {
		return err
	}
	for i, id := range r.Attachments {
		if !attachment.IsID(id) {
			return attachment.NotFound(fmt.Sprintf("%s[%d]", fieldAttachments, i))
		}
	}
	return checkWanted(fieldAttachments, wanted(fieldAttachments, r.Attachments))
}

// reportable returns nil when the output came, and was not given back before it was spent.
func reportable(g generation.Generation, output int) error {
	switch {
	// A failure has its own case, which nobody needs to ask for.
	case g.Failure() != nil:
		return fault.Invalid("generation", "failed: its credits are given back, or not, without a report")
	// The output may still come: the caller should try again.
	case g.Result == nil && output < g.Outputs:
		return generation.ResultPending()
	// The credits of an output that never came went back with the result.
	case output >= g.Came():
		return fault.Invalid("output", "no such output came: they are counted from 0")
	}
	return nil
}
