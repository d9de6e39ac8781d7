package refund

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/text"
)

// Report says that one output of a generation is a bad result; Generation may be any text.
// Principal and Key are the caller and its idempotency key, Actor is what the caller is. See, where
// set, is asked whether the caller may know of the generation's customer.
type Report struct {
	Generation generation.ID
	Output     int
	Asked      Asked
	Principal  string
	Key        string
	Actor      string
	Locale     string // what the customer reads, "" for what the generation says
	See        func(customer ledger.CustomerID) error
}

// Reporter takes reports: one for each output.
type Reporter struct {
	Store    Openings
	Requests Requests
}

// File opens the case of a bad result and asks for a decision. When it returns nil, the report is
// durable.
//
// Errors: KindInvalid (description, issue; generation, where nothing succeeded; output, where no
// such one came), KindNotFound, KindConflict (already_reported with the case;
// idempotency_key_reused; result_pending, where no result is recorded yet), KindBusy.
func (r Reporter) File(ctx context.Context, report Report, now time.Time) (Opened, error) {
	if err := report.Validate(); err != nil {
		return Opened{}, err
	}
	id, err := generation.ParseID(string(report.Generation))
	if err != nil {
		return Opened{}, err
	}
	var g *generation.Generation
	err = fault.Retry(ctx, func(ctx context.Context) (err error) {
		g, err = r.Store.FindGeneration(ctx, id)
		return err
	})
	if err != nil {
		return Opened{}, err
	}
	if g == nil {
		return Opened{}, fault.NotFound("generation")
	}
	if report.See != nil {
		if err := report.See(g.Customer); err != nil {
			return Opened{}, err
		}
	}
	if err := reportable(*g, report.Output); err != nil {
		return Opened{}, err
	}
	statement := report.Asked
	statement.Claim = nil
	return open(ctx, r.Store.OpenCase, r.Requests, Case{
		ID: ReportCaseID(g.ID, report.Output), Kind: policy.KindBadResult, Customer: g.Customer,
		Generation: string(g.ID), Output: report.Output, Asked: &statement, Locale: cmp.Or(report.Locale, g.Locale),
		Origin: originOf(report.Principal, report.Key, string(g.ID), strconv.Itoa(report.Output), statement.Description, string(statement.Issue),
			fmt.Sprint(statement.Usage)),
	}, report.Actor, now)
}

// Validate returns a KindInvalid error naming description, issue or output, as far as the report
// alone tells.
func (r Report) Validate() error {
	if err := text.Check("description", r.Asked.Description, MaxWords); err != nil {
		return err
	}
	if r.Output < 0 || r.Output >= generation.MaxOutputs {
		return fault.Invalid("output", "must be 0 to %d", generation.MaxOutputs-1)
	}
	return r.Asked.Issue.Validate("issue")
}

// reportable returns nil when the output came, and was not given back before it was spent.
func reportable(g generation.Generation, output int) error {
	switch {
	case g.Failure() != nil:
		return fault.Invalid("generation", "failed: its credits are given back, or not, without a report")
	case g.Result == nil && output < g.Outputs:
		return generation.ResultPending()
	case output >= g.Came():
		return fault.Invalid("output", "no such output came: they are counted from 0")
	}
	return nil
}
