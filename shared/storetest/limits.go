package storetest

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// recentOf returns the customer's recent requests.
func recentOf(w *World, id refund.CaseID) refund.Recent {
	return w.snapshot(refund.Subject{Case: id}).Recent
}

// countOf counts the customer's generations since an instant, up to the limit.
func countOf(w *World, customer ledger.CustomerID, since time.Time, limit int) int {
	w.t.Helper()
	// The store stops counting at the limit, so a customer with a million generations costs no
	// more.
	return read(w, func() (int, error) { return w.Store.CountGenerations(w.ctx(), customer, since, limit) })
}

// near returns which of the customers are near a limit, page by page.
func (w *World) near(customers ...ledger.CustomerID) map[ledger.CustomerID]refund.NearLimit {
	w.t.Helper()
	// The limits are of the policy at this instant, while the rows are kept without regard to it.
	w.Nudge()
	rows := map[ledger.CustomerID]refund.NearLimit{}
	// One row a page: a cursor that skips or repeats a row shows at once.
	for cursor, first := "", true; first || cursor != ""; first = false {
		var page []refund.NearLimit
		require.NoError(w.t, again(func() (err error) {
			var next string
			if page, next, err = refund.ListNear(w.ctx(), w.Store, w.At(w.Now).Abuse, cursor, 1, w.Now); err == nil {
				cursor = next
			}
			return err
		}))
		require.LessOrEqual(w.t, len(page), 1)
		for _, one := range page {
			require.NotContains(w.t, rows, one.Customer, "none twice")
			rows[one.Customer] = one
		}
	}
	maps.DeleteFunc(rows, func(customer ledger.CustomerID, _ refund.NearLimit) bool {
		return !slices.Contains(customers, customer)
	})
	return rows
}

// noted returns which of the customers are in the list to look at, near a limit or not.
func (w *World) ids(customers ...ledger.CustomerID) (ids []ledger.CustomerID) {
	w.t.Helper()
	// Unlike near, this asks the store alone, so it shows rows that no limit would pick.
	w.Nudge()
	var page []refund.Frequent
	require.NoError(w.t, again(func() (err error) {
		page, _, err = w.Store.ListFrequent(w.ctx(), w.Now, "", 1000)
		return err
	}))
	for _, customer := range customers {
		if slices.ContainsFunc(page, func(one refund.Frequent) bool { return one.Customer == customer }) {
			ids = append(ids, customer)
		}
	}
	return ids
}

// reportsMany has the customer report as many pictures, one a second, and the policy decide each.
func (w *World) reportsMany(customer ledger.CustomerID, pictures int) {
	w.t.Helper()
	// A generation has at most so many outputs, and each output has one report.
	for n := 0; n < pictures; n += generation.MaxOutputs {
		outputs := min(generation.MaxOutputs, pictures-n)
		id := w.Generated(customer, outputs)
		for output := range outputs {
			w.Pass(time.Second)
			w.Reports(id, output)
			w.Deliver()
		}
	}
}

var limitStories = map[string]func(*testing.T, *World){
	"a customer who reports too much is looked at by a person, until a month has passed": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 1000)
		var ids []refund.CaseID
		// 24 reports in a month, against a limit of 20. The 22nd is the first that goes to a
		// person.
		for range 3 {
			id := w.Generated(alice, 8)
			for output := range 8 {
				ids = append(ids, w.Reports(id, output))
				w.Pass(time.Second)
				w.Deliver()
			}
		}
		for i, id := range ids[:21] {
			w.WantVerdict(id, refund.StateInReview, "R8")
			require.Equal(t, i, w.CaseOf(id).Known.Requests30d)
		}
		for _, id := range ids[21:] {
			w.WantVerdict(id, refund.StateInReview, "R10")
		}
		require.Len(t, recentOf(w, ids[0]), 21, "no more than the limit asks about")
		w.Pass(31 * day)
		later := w.Reports(w.Generated(alice, 1), 0)
		w.Deliver()
		w.WantVerdict(later, refund.StateInReview, "R8")
		require.Len(t, recentOf(w, later), 1)
	},
	"who is near the limit of reports, or past it, is listed until a month has passed": func(t *testing.T, w *World) {
		alice, bob, carol := w.Customer("alice"), w.Customer("bob"), w.Customer("carol")
		for _, customer := range []ledger.CustomerID{alice, bob, carol} {
			w.Grants(customer, 1000)
		}
		// Of 20 allowed, 15 are far, 16 are near, and 22 are past the limit.
		w.reportsMany(carol, 15)
		w.reportsMany(alice, 16)
		w.reportsMany(bob, 22)
		w.SetsStanding(bob, ledger.StandingRestricted)
		everyone := []ledger.CustomerID{alice, bob, carol}
		require.Equal(t, map[ledger.CustomerID]refund.NearLimit{
			alice: {Customer: alice, Standing: ledger.StandingGood, Limits: []policy.Limit{{Name: policy.LimitRequests, Count: 16, Most: 20}}},
			bob: {Customer: bob, Standing: ledger.StandingRestricted, Limits: []policy.Limit{
				{Name: policy.LimitRequests, Count: 21, Most: 20, Over: true}, // as many as a limit asks about
			}},
		}, w.near(everyone...))
		// A month less twenty seconds later alice's first reports no longer count.
		w.Pass(30*day - 20*time.Second)
		require.Contains(t, w.near(everyone...), bob)
		require.NotContains(t, w.near(everyone...), alice, "her first reports count no more")
		w.Pass(time.Minute)
		require.Empty(t, w.near(everyone...))
		require.Equal(t, []ledger.CustomerID{alice, bob}, w.ids(alice, bob))
		w.Pass(30 * day)
		require.Empty(t, w.ids(alice, bob), "after some time they are not even looked at")
		w.SetsStanding(bob, ledger.StandingGood)
		w.reportsMany(bob, 1)
		require.Empty(t, w.near(everyone...), "the month is over, and one report is not many")
	},
	"who is near the limit of refunds, or past it, is listed as long as it is so of their generations": func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		for _, customer := range []ledger.CustomerID{alice, bob} {
			// Ten generations are the fewest of which a share can be judged.
			w.Grants(customer, 1000)
			for range 9 {
				w.Generated(customer, 1)
			}
		}
		for range 2 {
			w.Refunds(w.Generated(alice, 1), 0)
		}
		w.Pass(time.Hour)
		require.Empty(t, w.near(alice, bob), "two of ten are not near three")
		w.Refunds(w.Generated(alice, 1), 0)
		three := policy.Limit{Name: policy.LimitRefunds, Count: 3, Of: 12, Most: 30}
		require.Equal(t, []policy.Limit{three}, w.near(alice, bob)[alice].Limits)
		w.Refunds(w.Generated(alice, 1), 0)
		four := policy.Limit{Name: policy.LimitRefunds, Count: 4, Of: 13, Most: 30, Over: true}
		require.Equal(t, []policy.Limit{four}, w.near(alice, bob)[alice].Limits)
		// Twenty more generations make the same four refunds a small share.
		for range 20 {
			w.Generated(alice, 1)
		}
		require.Empty(t, w.near(alice, bob), "four of thirty-three are not many")
	},
	"a customer who gets too much back is looked at by a person, once there are enough generations to tell": func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		// Alice has ten generations, bob nine: too few to judge, so his fourth refund is no reason.
		for customer, want := range map[ledger.CustomerID]struct {
			generations int
			clause      string
		}{alice: {10, "R10"}, bob: {9, "R8"}} {
			w.Grants(customer, 1000)
			first := w.Generated(customer, 5)
			for range want.generations - 1 {
				w.Generated(customer, 1)
			}
			w.Nudge()
			for output := range 4 {
				w.Refunds(first, output)
				w.Pass(time.Second)
			}
			w.Nudge()
			last := w.Reports(first, 4)
			w.Deliver()
			w.WantVerdict(last, refund.StateInReview, want.clause)
			require.Equal(t, &policy.CustomerFacts{
				Standing: ledger.StandingGood, Requests30d: 4, Refunds30d: 4, Generations30d: want.generations,
			}, w.CaseOf(last).Known)
		}
	},
	"the recent requests say which was refunded, and a ruling changes that": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 8)
		id := w.Generated(alice, 2)
		first := w.Reports(id, 0)
		w.Deliver()
		firstAt := w.Now
		w.Pass(time.Millisecond)
		second := w.Reports(id, 1)
		w.Deliver()
		require.Equal(t, refund.Recent{{Case: first, At: firstAt}, {Case: second, At: w.Now}}, recentOf(w, first))
		w.Rules(first, policy.OutcomeApproved)
		w.Deliver()
		require.Equal(t, refund.Recent{{Case: first, At: firstAt, Refunded: true}, {Case: second, At: w.Now}}, recentOf(w, second))
		require.Empty(t, recentOf(w, refund.FailureCaseID(generation.NewID(w.Customer("bob"), "app", "x"))), "another customer's are their own")
	},
	"generations are counted since an instant, to a limit, of one customer": func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		w.Grants(alice, 100)
		w.Grants(bob, 100)
		w.Generated(bob, 1)
		w.Generated(alice, 1)
		w.Pass(time.Second)
		since := w.Now
		for range 3 {
			w.Generated(alice, 1)
			w.Pass(time.Second)
		}
		w.Nudge()
		require.Equal(t, 4, countOf(w, alice, since.Add(-time.Second), 10))
		require.Equal(t, 3, countOf(w, alice, since, 10))
		require.Equal(t, 2, countOf(w, alice, since.Add(time.Millisecond), 10))
		require.Equal(t, 2, countOf(w, alice, since, 2))
		require.Equal(t, 0, countOf(w, w.Customer("nobody"), since, 2))
	},
}
