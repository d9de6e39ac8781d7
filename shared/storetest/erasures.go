package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/assessment"
	"makegood/shared/erasure"
	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/todo"
)

// canary is what no row may hold once it is erased.
const canary = "canary-7f3a"

// erases calls the eraser until it is complete, and returns the sum of what had something personal.
func (w *World) erases(customer ledger.CustomerID, dry bool) (sum erasure.Tally) {
	w.t.Helper()
	eraser, from := erasure.Eraser{Store: w.Store, Shelf: w.Shelf}, erasure.Position{}
	for range 20 {
		report := read(w, func() (erasure.Report, error) {
			report, err := eraser.Erase(w.ctx(), customer, from, dry)
			// What a busy call erased is there no more for the next one. What is open still is.
			if erased := report.Tally; err != nil && !dry {
				erased.OpenCases, erased.OpenGenerations = 0, 0
				sum = sum.Plus(erased)
			}
			return report, err
		})
		sum = sum.Plus(report.Tally)
		if report.Next == nil {
			return sum
		}
		from = *report.Next
	}
	require.Fail(w.t, "an erasure does not end")
	return sum
}

// talks has the customer, the app, a worker and staff write the canary wherever a row keeps it, and
// returns the case and the generation.
func (w *World) talks(customer ledger.CustomerID) (refund.CaseID, generation.ID) {
	w.t.Helper()
	order := w.order(customer, 2)
	order.Reference, order.Words = canary, generation.Words{Prompt: canary, Template: canary}
	start, err := w.start(order)
	require.NoError(w.t, err)
	result := w.Success(2)
	result.InputURL = "https://app.example/" + canary
	for i := range result.Outputs {
		result.Outputs[i].URL, result.Outputs[i].SHA256 = "https://app.example/"+canary, canary
	}
	w.Settles(start.ID, result)
	report := w.report(start.ID, 1)
	report.Statement.Description, report.Attachments = canary, []string{string(w.Uploads(customer))}
	_, err = w.file(report)
	require.NoError(w.t, err)
	change := standing.Change{Standing: ledger.StandingRestricted, Note: canary, By: "ann"}
	read(w, func() (standing.Standing, error) { return w.Setter().Set(w.ctx(), customer, change, w.Now) })
	return refund.ReportCaseID(start.ID, 1), start.ID
}

// recordsOf returns all that is read of the customer, as text.
func (w *World) recordsOf(customer ledger.CustomerID) string {
	w.t.Helper()
	w.Nudge()
	page, more := w.Generations(customer, nil, 50)
	require.False(w.t, more)
	cases := read(w, func() ([]refund.Case, error) {
		all, _, err := w.Store.ListCases(w.ctx(), customer, nil, 50)
		return all, err
	})
	var ids []refund.CaseID
	for _, c := range cases {
		ids = append(ids, c.ID)
	}
	records := read(w, func() ([]evidence.Record, error) { return w.Store.FindRecords(w.ctx(), ids...) })
	_, changes := w.Standing(customer)
	text, err := json.Marshal([]any{page, cases, records, changes})
	require.NoError(w.t, err)
	return string(text)
}

var erasureStories = map[string]func(*testing.T, *World){
	"what was said of a customer and by them is erased, and numbers and verdicts stay": func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		w.Grants(alice, 40)
		w.Grants(bob, 40)
		id, made := w.talks(alice)
		others, _ := w.talks(bob)
		w.Assesses()
		w.Deliver()
		rows, before := w.Rows(alice), *w.CaseOf(id)
		require.Contains(t, w.recordsOf(alice), canary)
		want := erasure.Tally{Cases: 1, Attachments: 1, Generations: 1, Standings: 1}
		if before.Open() {
			want.OpenCases = 1
		}
		if len(read(w, func() ([]evidence.Record, error) { return w.Store.FindRecords(w.ctx(), id) })) > 0 {
			want.Evidence = 1
		}
		// Dry, it counts and changes nothing.
		require.Equal(t, want, w.erases(alice, true))
		require.Contains(t, w.recordsOf(alice), canary)
		require.Equal(t, want, w.erases(alice, false))
		require.NotContains(t, w.recordsOf(alice), canary)
		after := *w.CaseOf(id)
		require.Equal(t, []any{before.State, before.Decision, before.Origin}, []any{after.State, after.Decision, after.Origin})
		require.Equal(t, rows, w.Rows(alice))
		require.Equal(t, 2, w.Generation(made).Came())
		w.WantLaws(alice)
		// Again, nothing is there; and another customer's is all there.
		require.Equal(t, erasure.Tally{OpenCases: want.OpenCases}, w.erases(alice, false))
		require.Contains(t, w.recordsOf(bob), canary)
		require.NotNil(t, w.CaseOf(others).Statement)
	},
	"staff's notes on a case are erased, and who ruled what stays": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 40)
		id := w.Reports(w.Generated(alice, 1), 0)
		w.Deliver()
		require.Equal(t, refund.StateInReview, w.CaseOf(id).State)
		order := w.ruling(policy.OutcomeApproved)
		order.Note, order.By = canary, "ann"
		_, err := w.rule(id, order)
		require.NoError(t, err)
		w.Deliver()
		require.Contains(t, w.recordsOf(alice), canary)
		w.erases(alice, false)
		require.NotContains(t, w.recordsOf(alice), canary)
		after := w.CaseOf(id)
		require.Equal(t, []any{"ann", policy.OutcomeApproved, refund.StateApproved}, []any{after.Ruling.By, after.Ruling.Outcome, after.State})
		w.WantLaws(alice)
	},
	"what waits for a second person loses its words, and may be confirmed": inGoopter(func(t *testing.T, w *World) {
		paid, id := charged(w)
		back, order := w.givesBack("ann", 500), w.givesBack("ann", 500)
		back.Note, order.Note = canary, canary
		sent := of(w.proposes(id, back), "bob", refund.SecondSentBack)
		sent.Note = canary
		_, err := w.Answers(id, sent)
		require.NoError(t, err)
		proposal := w.proposes(id, order)
		require.Equal(t, 4, strings.Count(w.recordsOf(w.Customer("alice")), canary), "two notes, one of them in the history, too, with why it was sent back")
		w.erases(w.Customer("alice"), false)
		require.NotContains(t, w.recordsOf(w.Customer("alice")), canary)
		_, err = w.Answers(id, of(proposal, "bob", refund.SecondConfirmed))
		require.NoError(t, err)
		w.Drain()
		w.settlesBack(id)
		w.wantPaidBack(paid, id, 500)
	}),
	"an erasure goes on where the call before it ended": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 100)
		for range 3 {
			order := w.order(alice, 1)
			order.Words.Prompt = canary
			_, err := w.start(order)
			require.NoError(t, err)
		}
		after, pages := "", 0
		for pages = range 10 {
			page := read(w, func() (erasure.Page, error) {
				return w.Store.ErasePage(w.ctx(), alice, erasure.PartGenerations, after, 1, false)
			})
			require.LessOrEqual(t, page.Rows, 1)
			if after = page.After; after == "" {
				break
			}
		}
		require.LessOrEqual(t, pages, 3)
		require.NotContains(t, w.recordsOf(alice), canary)
	},
	"a look that ends after an erasure began records nothing": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 40)
		id, _ := w.talks(alice)
		w.erases(alice, false)
		record := evidence.Record{Case: string(id), Customer: alice, At: w.Now, Output: evidence.Picture{SHA256: "00ff"}}
		imprint := &assessment.Imprint{Case: id, SHA256: "00ff", Until: w.Now.Add(time.Hour)}
		err := w.Store.RecordEvidence(w.ctx(), id, record, imprint, todo.List{todo.StepRefund: w.Now})
		require.Error(t, err)
		w.Assesses()
		require.NotContains(t, w.recordsOf(alice), canary)
		require.Empty(t, w.Shelf.Keys(alice.Key()+"/"))
	},
	"what a look put that was cut off is taken away, though its case was erased and decided meanwhile": func(t *testing.T, w *World) {
		id := w.reported("alice", w.own(sharp))
		w.Lose()
		report := message.NewResultReported(string(id), "")
		// Whoever looks has read the case, and is cut off when it writes its record.
		a := w.Assessor()
		a.Pictures = interrupted{w.Pictures, func() {
			w.erases(w.Customer("alice"), false)
			require.NoError(t, again(func() error { return w.Assessor().Assess(w.ctx(), report, 1, w.Now) }))
			w.Deliver()
		}}
		a.Store = recordless{w.Store}
		require.Error(t, a.Assess(w.ctx(), report, 1, w.Now))
		require.NotEqual(t, refund.StateReceived, w.CaseOf(id).State)
		require.NotEmpty(t, w.Shelf.Keys(id.CustomerKey()+"/"))
		// The message comes again.
		require.NoError(t, again(func() error { return w.Assessor().Assess(w.ctx(), report, 2, w.Now) }))
		require.Empty(t, w.Shelf.Keys(id.CustomerKey()+"/"))
	},
	"nothing is compared with a picture that was erased, whatever its print": func(t *testing.T, w *World) {
		id := w.reported("alice", w.own(sharp))
		record, imprint := w.seen(id)
		sum := fmt.Sprintf("%x", sha256.Sum256(w.own(sharp)))
		record.Output.SHA256, imprint.SHA256 = sum, sum
		// A picture that nowhere grows lighter from left to right.
		record.Output.Print.Hash, imprint.Print.Hash = 0, 0
		require.NoError(t, settled(func() error {
			return w.Store.RecordEvidence(w.ctx(), id, record, imprint, todo.List{todo.StepRefund: w.Now.Add(todo.Resend)})
		}))
		of := func(one assessment.Imprint) bool { return one.Case == id }
		require.True(t, slices.ContainsFunc(w.imprints("none", imprint.Print), of))
		w.erases(w.Customer("alice"), false)
		require.False(t, slices.ContainsFunc(w.imprints(sum, imprint.Print), of))
	},
}

// recordless is a store that is not reached when a look ends.
type recordless struct{ assessment.Store }

// RecordEvidence implements assessment.Store.
func (recordless) RecordEvidence(context.Context, refund.CaseID, evidence.Record, *assessment.Imprint, todo.List) error {
	return errCut
}
