package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/statement"
)

// statementStories are about what is listed and found.
var statementStories = map[string]func(*testing.T, *World){
	"a statement of many pages shows each movement once and adds up": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		// Thirty rounds fill several pages, so a page that cuts a generation in two would show.
		for range 30 {
			w.Grants(alice, 12)
			w.Pass(time.Second)
			w.Settles(w.Starts(alice, 1), w.Success(-1))
			w.Settles(w.Starts(alice, 1), w.Failure(generation.CausePlatform))
			w.Deliver()
			w.Pass(time.Second)
		}
		// One row of each gift, two of each success, two of each failure.
		rows := w.Rows(alice)
		require.Len(t, rows, 30*(1+2+2))
		// Rows of one generation stand together, so only rows of different ones are compared.
		for i := 1; i < len(rows); i++ {
			if rows[i].Generation == "" || rows[i].Generation != rows[i-1].Generation {
				require.False(t, rows[i].At.After(rows[i-1].At), "newest first")
			}
		}
		w.WantLaws(alice)
	},
	"a customer's cases are listed newest first, page by page": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 20)
		var want []refund.CaseID
		for range 5 {
			id := w.Starts(alice, 1)
			w.Settles(id, w.Failure(generation.CausePlatform))
			w.Deliver()
			want = append([]refund.CaseID{w.Case(id).ID}, want...)
			w.Pass(time.Second)
		}
		w.Nudge()
		// Two a page, so that a cursor that skips or repeats shows.
		var got []refund.CaseID
		var after *statement.Position
		for more := true; more; {
			var page []refund.Case
			require.NoError(t, again(func() (err error) {
				page, more, err = w.Store.ListCases(w.ctx(), alice, after, 2)
				return err
			}))
			for _, c := range page {
				got = append(got, c.ID)
				after = &statement.Position{ID: string(c.ID), At: c.OpenedAt.UnixMilli()}
			}
		}
		require.Equal(t, want, got)
	},
	"of many ids, those that exist are found, each once, in the order asked": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 20)
		b, a := w.Generated(alice, 1), w.Generated(alice, 1)
		paymentID := w.Payment("a")
		w.Receives(w.Paid(paymentID, alice))
		var generations []generation.ID
		var cases []refund.CaseID
		var payments []payment.ID
		// 150 ids that do not exist: more than one read takes, and none of them may come back.
		for range 150 { // more than one read takes
			never := generation.NewID(alice, "app", w.Key())
			generations, cases, payments = append(generations, never), append(cases, refund.FailureCaseID(never)), append(payments, payment.ID(never))
		}
		generations = append(generations, b, a, b)
		cases = append(cases, w.Reports(b, 0), w.Reports(a, 0), refund.ReportCaseID(b, 0))
		payments = append(payments, paymentID, paymentID)
		var foundGenerations []generation.Generation
		var foundCases []refund.Case
		var foundPayments []payment.Payment
		require.NoError(t, again(func() (err error) {
			foundGenerations, err = w.Store.FindGenerations(w.ctx(), generations...)
			return err
		}))
		require.NoError(t, again(func() (err error) {
			foundCases, err = w.Store.FindCases(w.ctx(), cases...)
			return err
		}))
		require.NoError(t, again(func() (err error) {
			foundPayments, err = w.Store.FindPayments(w.ctx(), payments...)
			return err
		}))
		require.Equal(t, []generation.Generation{w.Generation(b), w.Generation(a)}, foundGenerations)
		require.Equal(t, []refund.CaseID{refund.ReportCaseID(b, 0), refund.ReportCaseID(a, 0)}, idsOf(foundCases))
		require.Equal(t, []payment.Payment{*w.Snapshot(paymentID, alice).Payment}, foundPayments)
		require.NoError(t, again(func() (err error) {
			foundCases, err = w.Store.FindCases(w.ctx())
			return err
		}))
		require.Empty(t, foundCases)
	},
	"held is the sum of what is open": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 20)
		w.Starts(alice, 1)
		failure := w.Starts(alice, 1)
		w.Settles(w.Starts(alice, 1), w.Success(-1))
		w.Settles(failure, w.Failure(generation.CausePlatform))
		w.Nudge()
		require.Equal(t, ledger.Credits(8), w.Held(alice), "a failure is held until its verdict")
	},
}
