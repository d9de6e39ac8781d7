package browsertest_test

import (
	"fmt"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// mixed opens the nth case of a day, of five sorts in turn. Its customer has the credits of one or
// two payments.
func (o *office) mixed(n int) (refund.CaseID, ledger.CustomerID) {
	o.t.Helper()
	customer := ledger.CustomerID(fmt.Sprintf("customer-%02d", n))
	paid := o.buys(payment.ID("pi_first_"+string(customer)), customer)
	o.Pass(time.Minute)
	came := o.Success(0)
	came.Outputs, came.InputURL = []generation.Output{{URL: outputLink, MediaType: "image/png"}}, inputLink
	made := o.Starts(customer, 1)
	o.Settles(made, came)
	switch n % 5 {
	case 0: // a second charge, whose credits are spent
		again := o.buys(payment.ID("pi_again_"+string(customer)), customer)
		for o.Wallet(customer).Available(o.Now) > o.At(o.Now).Packages()[0].Credits/2 {
			o.Settles(o.Starts(customer, 1), o.Success(-1))
		}
		return o.claims(policy.KindDuplicateCharge, customer, again, "charged twice"), customer
	case 1:
		return o.claims(policy.KindAbnormalCharge, customer, paid, "I never bought this"), customer
	}
	reported := o.Reports(made, 0)
	o.Deliver()
	if n%5 == 2 {
		o.appeals(reported)
	}
	return reported, customer
}

func TestFiftyMixedCasesAreDecidedInOneSittingByAtMostFourKeysEach(t *testing.T) {
	const count = 50
	o := opensUnder(t, "popcustoms")
	customers, pressed := map[string]ledger.CustomerID{}, map[string]policy.Outcome{}
	sorts := map[string]int{}
	for n := range count {
		id, customer := o.mixed(n)
		require.True(t, o.CaseOf(id).Waiting(), "%s", id)
		customers[string(id)] = customer
	}
	ann := o.lets(t, "ann")
	ann.Load(func() { ann.Press("n") })
	for range count {
		id := path.Base(strings.Split(browsertest.Value[string](ann, "location.pathname"), "?")[0])
		require.Contains(t, customers, id)
		require.NotContains(t, pressed, id, "decided twice")
		sort := ann.Text("h1")
		if o.CaseOf(refund.CaseID(id)).Appealing() {
			sort += ", appealed"
		}
		keys, outcome := []string{"a"}, policy.OutcomeApproved
		if sorts[sort]++; sorts[sort]%3 == 0 || strings.HasPrefix(sort, "Abnormal") {
			keys, outcome = []string{"d"}, policy.OutcomeDeclined
		}
		if strings.HasPrefix(sort, "Bad result") {
			keys = append([]string{"f", "f"}, keys...) // looks from one picture to the other
		}
		require.LessOrEqual(t, len(keys), 4)
		ann.Load(func() { ann.Press(keys...) })
		pressed[id] = outcome
	}
	ann.Sees(".empty", "Nothing waits")
	require.Len(t, sorts, 4, "two sorts of claims, results, and appeals: %v", sorts)

	o.Pass(refund.TakeBackWindow)
	o.Drain()
	for id, outcome := range pressed {
		decided := o.CaseOf(refund.CaseID(id))
		require.NotNil(t, decided.Ruling, id)
		assert.Equal(t, []any{outcome, "ann"}, []any{decided.Ruling.Outcome, decided.Ruling.By}, id)
		assert.Equal(t, outcome, decided.Decision.Outcome, id)
		times := 0
		for _, event := range decided.History {
			if event.By == "ann" {
				times++
			}
		}
		assert.Equal(t, 1, times, "%s: once", id)
		if back := decided.Decision.Remedy; back != nil && back.Money().Minor > 0 {
			assert.Len(t, o.PaymentOf(payment.ID(decided.Payment)).Refunds, 1, id)
		}
		o.WantLaws(customers[id])
	}
}
