package view

import (
	"time"

	"makegood/shared/api"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// Reports says of each output that was asked for whether it may be reported at now, the reason in
// the reader's language. Cases are those about the generation, the wallet is its customer's.
func (t *Translator) Reports(g generation.Generation, cases []refund.Case, wallet ledger.Wallet, published refund.Policy, now time.Time) []api.OutputReport {
	filed := map[refund.CaseID]*refund.Case{}
	for i := range cases {
		filed[cases[i].ID] = &cases[i]
	}
	response := make([]api.OutputReport, g.Outputs)
	for output := range response {
		r := refund.ReportableOf(g, output, filed[refund.ReportCaseID(g.ID, output)], wallet, published, now)
		response[output] = api.OutputReport{Output: output, Allowed: r.Allowed, Until: api.OptionalMoment(r.Until), Code: r.Code, Case: string(r.Case)}
		if r.Refusal != nil {
			response[output].Clause, response[output].Reason = r.Refusal.Clause, t.reason(nil, policy.KindBadResult, *r.Refusal)
		}
	}
	return response
}
