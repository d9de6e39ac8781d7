package refund

import (
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
)

// Reportable says whether an output may be reported as a bad result, and why not.
type Reportable struct {
	// Allowed: a report is taken, and no rule is certain to decline it.
	Allowed bool
	// Until is the last instant at which that is so, zero where no window ends it.
	Until time.Time
	// Code is by what File refuses the report, "" where it takes it.
	Code string
	// Case is the output's report, "" where there is none yet.
	Case CaseID
	// Refusal is the decision that every report would get, nil where none is certain.
	Refusal *policy.Decision
}

// ReportableOf says whether the output of the generation may be reported at now. Filed is the case
// of its report, nil where there is none; the wallet is the customer's.
//
// It asks what refuses a report: reportable of File, and the rules of the policy.
func ReportableOf(g generation.Generation, output int, filed *Case, wallet ledger.Wallet, published Policy, now time.Time) Reportable {
	var answer Reportable
	if err := reportable(g, output); err != nil {
		answer.Code = fault.CodeOf(err)
		return answer
	}
	report := decision{
		at: now, published: published, snapshot: Snapshot{Generation: &g, Wallet: wallet},
		c: Case{ID: ReportCaseID(g.ID, output), Kind: policy.KindBadResult, Customer: g.Customer, Output: output, OpenedAt: now},
	}
	facts := report.onRecord()
	if filed != nil {
		answer.Code, answer.Case, facts.EarlierRequests = fault.CodeAlreadyReported, filed.ID, 1
	}
	if refusal, sure := policy.Refusal(facts.revision, facts.Facts); sure {
		refusal = facts.revision.Discreet(policy.KindBadResult, refusal)
		answer.Refusal = &refusal
	}
	answer.Allowed = answer.Code == "" && answer.Refusal == nil
	if answer.Allowed {
		answer.Until = reportUntil(facts)
	}
	return answer
}

// reportUntil returns the end of the window, zero where a report after it is not declined for that.
func reportUntil(f facts) time.Time {
	until := f.Generation.FinishedAt.Add(f.revision.ReportWindow)
	f.RequestedAt = until.Add(time.Millisecond)
	if _, late := policy.Refusal(f.revision, f.Facts); !late {
		return time.Time{}
	}
	return until
}
