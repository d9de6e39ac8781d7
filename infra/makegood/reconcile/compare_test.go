package reconcile

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/makegood/stack"
	"makegood/shared/api"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func bought(currency string, minor int64) payment.Payment {
	return payment.Payment{ID: "pi_1", Provider: "stripe", State: payment.StateGranted, Purchase: &payment.Purchase{
		Customer: "alice", Package: "starter", Subtotal: money.Amount{Currency: currency, Minor: minor}, Paid: minor, Status: payment.StatusPaid, PaidAt: noon,
	}}
}

// kinds returns what differs between a payment as told and as recorded, each with a refund in a
// currency.
func kinds(told, recorded string) []Kind {
	with := func(currency string) payment.Payment {
		p := bought("USD", 500)
		p.Refunds = map[string]payment.Refund{"re_1": {Amount: money.Amount{Currency: currency, Minor: 100}, Status: payment.RefundSucceeded}}
		return p
	}
	var all []Kind
	for _, d := range between("pi_1", with(told), true, &stack.Recorded{Payment: with(recorded)}) {
		all = append(all, d.Kind)
	}
	return all
}

func TestARefundWithoutACurrencyIsInThePaymentsOwn(t *testing.T) {
	assert.Empty(t, kinds("USD", "USD"))
	assert.Empty(t, kinds("", "USD"))
	assert.Empty(t, kinds("USD", ""))
	assert.Equal(t, []Kind{RefundAmount}, kinds("EUR", "USD"))
}

func TestStaffsWordStandsForWhatWasNotNamedAndForNothingElse(t *testing.T) {
	ours := stack.Recorded{Payment: bought("USD", 500)}
	ours.Resolutions = []payment.Resolution{{Action: payment.ActionGrant, Customer: "alice", Package: "starter"}}
	for customer, want := range map[string]int{"": 0, "alice": 0, "mallory": 1} {
		told := bought("USD", 500)
		told.Purchase.Customer, told.Purchase.Package = ledger.CustomerID(customer), "gold"
		assert.Len(t, between("pi_1", told, true, &ours), want, customer)
	}
	ours.Resolutions[0].Action = payment.ActionIgnore
	told := bought("USD", 500)
	told.Purchase.Customer = ""
	assert.Len(t, between("pi_1", told, true, &ours), 1)
}

func TestCreditsThatAreNotLevelAreOneDifference(t *testing.T) {
	p := stack.Recorded{Payment: bought("USD", 500), Waiting: payment.ReasonNotClawedBack}
	p.Clawback = ledger.Clawback{Granted: 50, OwnLot: 20}
	found := within(p)
	require.Len(t, found, 1)
	assert.Equal(t, Difference{"pi_1", Credits, "", "0 of 50 to be taken back", "20 taken back"}, found[0])
	p.Clawback.OwnLot = 0
	found = within(p)
	require.Len(t, found, 1)
	assert.Equal(t, Difference{"pi_1", Waits, "", "a decision of staff", "granted: not_level"}, found[0], "level meanwhile, and nobody has noticed")
}

func TestAWordIsQuotedUnlessItIsPlain(t *testing.T) {
	for text, want := range map[string]string{
		"starter": "starter", "a@b.c:d-1": "a@b.c:d-1", "": `""`, "two words": `"two words"`, "a\tb": `"a\tb"`, "\x1b[2J": `"\x1b[2J"`, `"`: `"\""`, "ü": `"\u00fc"`,
	} {
		assert.Equal(t, want, word(text))
	}
}

// only is a provider that lists what it was given, and shows nothing of one payment.
type only struct {
	payment.Gateway
	listing payment.Listing
}

func (o only) List(context.Context, time.Time, string) (payment.Listing, error) {
	return o.listing, nil
}
func (only) Look(context.Context, payment.ID) ([]payment.Facts, error) { return nil, nil }

// empty is a ledger that has heard of nothing.
type empty struct{ Ledger }

func (empty) Payments(context.Context) (map[payment.ID]stack.Recorded, error) { return nil, nil }

func (empty) Payment(context.Context, payment.ID) (*stack.Recorded, error) { return nil, nil }

func (empty) Case(context.Context, string) (*api.Case, error) { return nil, nil }

func run(t *testing.T, listing payment.Listing) Report {
	t.Helper()
	published, err := policy.Open("goopter")
	require.NoError(t, err)
	report, err := Reconciler{
		Ledger: empty{}, Gateways: map[string]payment.Gateway{"standard": only{listing: listing}}, Rules: payment.Rules{Catalog: published}, Lookups: 10,
	}.Run(t.Context(), noon.Add(-time.Hour), noon)
	require.NoError(t, err)
	return report
}

func TestWhatIsOnlyListedCountsAsTold(t *testing.T) {
	purchase := *bought("USD", 500).Purchase
	report := run(t, payment.Listing{Facts: []payment.Facts{{Payment: "pi_1", Provider: "standard", Purchase: &purchase}}})
	require.Len(t, report.Differences, 1)
	assert.Equal(t, Missing, report.Differences[0].Kind)
	assert.Empty(t, report.Gaps)
}

func TestAListingThatGoesRoundInCirclesIsSaid(t *testing.T) {
	report := run(t, payment.Listing{Next: "again"})
	assert.Equal(t, []string{"standard: its events cannot be listed: the listing does not end"}, report.Gaps)
}
