package templatetest

import (
	"strings"

	"makegood/infra/permission"
	"makegood/infra/template"
)

// refundsArePaidByOne: the key that may make refunds is known to pay-refund alone, and is not the
// key of those who only ask. Whoever asks Stripe, or hears its events, knows of which account.
func refundsArePaidByOne(t *template.Template) (problems, error) {
	const one = "PayRefundFunction"
	asks := map[string]string{one: refundKey, "DecideRefundFunction": readKey, "SweepDueFunction": readKey}
	_, parameter, _ := strings.Cut(refundKey, ":")
	var p problems
	functions, err := t.Functions(furnished)
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		if got := f.Env["STRIPE_KEY"]; got != asks[f.LogicalID] {
			p.addf("%s asks Stripe with %q, not with %q", f.LogicalID, got, asks[f.LogicalID])
		}
		_, receives := f.Env["STRIPE_WEBHOOK_SECRETS"]
		if _, asked := asks[f.LogicalID]; (asked || receives) && f.Env["STRIPE_ACCOUNT"] != connectedAccount {
			p.addf("%s does not know which account sells for the stack", f.LogicalID)
		}
		for name, value := range f.Env {
			if value == refundKey && (f.LogicalID != one || name != "STRIPE_KEY") {
				p.addf("%s: %s is the key of refunds", f.LogicalID, name)
			}
		}
	}
	may := 0
	err = everyGrant(t, func(f template.Function, g permission.Grant) {
		if !strings.HasSuffix(strings.TrimSuffix(g.Resource, "-??????"), parameter) {
			return
		}
		if may++; f.LogicalID != one {
			p.addf("%s may read the key of refunds", f.LogicalID)
		}
	})
	if may == 0 {
		p.addf("nobody may read the key of refunds")
	}
	return p, err
}
