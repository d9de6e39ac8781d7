package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/attachment"
	"makegood/shared/due"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// Taker tells what a case may take, by the world's store and shelf.
func (w *World) Taker() attachment.Taker {
	return attachment.Taker{Store: w.Store, Uploads: w.Shelf}
}

// showing returns a report of a new picture of the customer that shows the attachments.
func (w *World) showing(customer ledger.CustomerID, ids ...attachment.ID) refund.Report {
	w.Grants(customer, 4)
	report := w.report(w.Generated(customer, 1), 0)
	for _, id := range ids {
		report.Attachments = append(report.Attachments, string(id))
	}
	return report
}

// Shows reports an output with attachments that show what is wrong, and returns its case.
func (w *World) Shows(id generation.ID, output int, attachments ...attachment.ID) refund.CaseID {
	w.t.Helper()
	report := w.report(id, output)
	for _, one := range attachments {
		report.Attachments = append(report.Attachments, string(one))
	}
	opened, err := w.file(report)
	require.NoError(w.t, err)
	return opened.Case
}

// proving returns a claim that no payment is named for, with those proofs.
func (w *World) proving(customer ledger.CustomerID, proofs ...string) refund.Request {
	request := w.claim(policy.KindAbnormalCharge, customer, "")
	request.Claim.Attachments = proofs
	return request
}

// wantTaken demands that the case, and no other, has taken the attachments, and keeps what was
// announced of each.
func (w *World) wantTaken(id refund.CaseID, ids ...attachment.ID) {
	w.t.Helper()
	var want []attachment.Taken
	for _, one := range ids {
		a := w.AttachmentOf(one)
		require.Equal(w.t, []any{string(id), 0}, []any{a.Case, len(a.Todo)})
		want = append(want, attachment.Taken{ID: one, File: a.File})
	}
	require.Equal(w.t, want, w.CaseOf(id).Statement.Attachments)
}

// refusedBy demands the code and the field of a refusal.
func refusedBy(t TB, err error, kind fault.Kind, code, field string) {
	t.Helper()
	var refused *fault.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []any{kind, code, field}, []any{refused.Kind, refused.Code, refused.Field})
}

var takenStories = map[string]func(*testing.T, *World){
	"a report and claims take attachments, whoever opens them": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first, second := w.Uploads(alice), w.Uploads(alice)
		opened, err := w.file(w.showing(alice, first, second))
		require.NoError(t, err)
		w.wantTaken(opened.Case, first, second)
		for _, actor := range []string{ledger.ActorApp, ledger.ActorCustomer} {
			for _, address := range [][]string{w.AddressSecrets, nil} { // the case is one row more where an address finds it
				w.AddressSecrets = address
				proof, link := w.Uploads(alice), "https://files.example/bill.pdf"
				request := w.proving(alice, link, string(proof))
				request.Actor = actor
				opened, err := w.claims(request)
				require.NoError(t, err)
				w.wantTaken(opened.Case, proof)
				require.Equal(t, []string{link, string(proof)}, w.CaseOf(opened.Case).Statement.Claim.Attachments, "as it was said")
			}
		}
		w.Pass(48 * time.Hour)
		w.Nudge()
		require.Empty(t, w.overdueAttachments(), "nothing is due on what a case has")
	},
	"a replay answers as before, without a look": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		report, claim := w.showing(alice, w.Uploads(alice)), w.proving(alice, string(w.Uploads(alice)))
		reported, err := w.file(report)
		require.NoError(t, err)
		claimed, err := w.claims(claim)
		require.NoError(t, err)
		w.Pass(48 * time.Hour)
		_, err = w.Shelf.DeletePrefix(w.ctx(), evidence.Folder(alice.Key()))
		require.NoError(t, err)
		reported.Replayed, claimed.Replayed = true, true
		replay, err := w.file(report)
		require.NoError(t, err)
		require.Equal(t, reported, replay)
		replay, err = w.claims(claim)
		require.NoError(t, err)
		require.Equal(t, claimed, replay)
		report.Attachments = nil
		_, err = w.file(report)
		require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err), "what it takes is part of what was requested")
	},
	"a request that comes twice at once takes once, and the other is its replay": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		report, claim := w.showing(alice, w.Uploads(alice)), w.proving(alice, string(w.Uploads(alice)))
		for name, request := range map[string]func() (refund.Opened, error){
			"report": func() (refund.Opened, error) { return w.file(report) },
			"claim":  func() (refund.Opened, error) { return w.claims(claim) },
		} {
			var first refund.Opened
			var err error
			inner := w.Store
			w.Store = &between{Store: inner, next: func() { first, err = request() }}
			replay, again := request()
			w.Store = inner
			require.NoError(t, err, name)
			require.NoError(t, again, name)
			first.Replayed = true
			require.Equal(t, first, replay, name)
		}
	},
	"what is not there, another's or past its day is not found, and which of them nobody learns": func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		old := w.Uploads(alice)
		w.Pass(24 * time.Hour)
		good := w.Uploads(alice)
		for _, id := range []attachment.ID{old, w.Uploads(bob), attachment.NewID(alice, "app", w.Key())} {
			report, claim := w.showing(alice, good, id), w.proving(alice, "https://files.example/bill.pdf", string(good), string(id))
			_, err := w.file(report)
			refusedBy(t, err, fault.KindNotFound, attachment.CodeNotFound, "attachments[1]")
			_, err = w.claims(claim)
			refusedBy(t, err, fault.KindNotFound, attachment.CodeNotFound, "claim.attachments[2]")
		}
		_, err := w.file(w.showing(alice, "https://files.example/bill.pdf"))
		refusedBy(t, err, fault.KindNotFound, attachment.CodeNotFound, "attachments[0]")
		require.Empty(t, w.AttachmentOf(good).Case, "nothing was taken beside what was refused")
	},
	"an attachment is of one case": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Uploads(alice)
		opened, err := w.file(w.showing(alice, id))
		require.NoError(t, err)
		_, err = w.claims(w.proving(alice, string(id)))
		refusedBy(t, err, fault.KindConflict, attachment.CodeTaken, "claim.attachments[0]")
		w.wantTaken(opened.Case, id)
	},
	"bytes that have not come, or are of another type, are refused, and may still come": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Opens(alice)
		report := w.showing(alice, id)
		_, err := w.file(report)
		refusedBy(t, err, fault.KindConflict, attachment.CodeMissing, "attachments[0]")
		for _, other := range []string{"", "%PDF-1.7\n%", "<html>", "\x89PNG"} {
			require.NoError(t, w.Shelf.Put(w.ctx(), id.Object(), "", []byte(other)))
			_, err = w.file(report)
			refusedBy(t, err, fault.KindInvalid, attachment.CodeType, "attachments[0]")
		}
		require.NoError(t, w.Shelf.Put(w.ctx(), id.Object(), "", []byte("\x89PNG\r\n\x1a\n")))
		opened, err := w.file(report)
		require.NoError(t, err)
		w.wantTaken(opened.Case, id)
	},
	"a case takes five at the most, and none twice": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		var ids []attachment.ID
		var proofs []string
		for range attachment.MaxTaken + 1 {
			ids = append(ids, w.Uploads(alice))
			proofs = append(proofs, string(ids[len(ids)-1]))
		}
		_, err := w.file(w.showing(alice, ids...))
		refusedBy(t, err, fault.KindInvalid, fault.CodeInvalidRequest, "attachments")
		_, err = w.claims(w.proving(alice, proofs...))
		refusedBy(t, err, fault.KindInvalid, fault.CodeInvalidRequest, "claim.attachments")
		_, err = w.file(w.showing(alice, ids[0], ids[1], ids[0]))
		refusedBy(t, err, fault.KindInvalid, fault.CodeInvalidRequest, "attachments[2]")
		_, err = w.claims(w.proving(alice, proofs[0], strings.Repeat("x", 44)))
		refusedBy(t, err, fault.KindInvalid, fault.CodeInvalidRequest, "claim.attachments[1]")
		opened, err := w.file(w.showing(alice, ids[1:]...))
		require.NoError(t, err)
		w.wantTaken(opened.Case, ids[1:]...)
	},
	"a case that would take what it may not is not opened": func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		opens := map[string]func(refund.Case) error{
			"a case":  func(c refund.Case) error { _, err := w.Store.OpenCase(w.ctx(), c); return err },
			"a claim": func(c refund.Case) error { _, err := w.Store.OpenClaim(w.ctx(), c, 20); return err },
		}
		spoiled := map[string]func(refund.Case) refund.Case{
			"unknown": func(c refund.Case) refund.Case {
				c.Statement = &refund.Statement{Attachments: []attachment.Taken{c.Statement.Attachments[0], {ID: attachment.NewID(alice, "app", w.Key())}}}
				return c
			},
			"another's": func(c refund.Case) refund.Case { c.Customer = bob; return c },
			"past":      func(c refund.Case) refund.Case { c.OpenedAt = w.Now.Add(attachment.Stay); return c },
			"taken": func(c refund.Case) refund.Case {
				_, err := w.file(w.showing(alice, c.Statement.Attachments[0].ID))
				require.NoError(t, err)
				return c
			},
			"to be removed": func(c refund.Case) refund.Case {
				id := c.Statement.Attachments[0].ID
				require.NoError(t, again(func() error { return w.Store.MarkDiscarded(w.ctx(), id, w.Now.Add(attachment.Stay)) }))
				return c
			},
		}
		for way, open := range opens {
			for name, spoil := range spoiled {
				id := w.Uploads(alice)
				c := refund.Case{
					ID: refund.NewCaseID(alice.Key(), policy.KindChangeOfMind, w.Key()), Kind: policy.KindChangeOfMind, Customer: alice,
					State: refund.StateReceived, OpenedAt: w.Now, Statement: &refund.Statement{Attachments: []attachment.Taken{{ID: id}}},
				}
				before := w.AttachmentOf(id)
				c = spoil(c)
				require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return open(c) })), "%s: %s", way, name)
				found := read(w, func() (*refund.Case, error) { return w.Store.FindCase(w.ctx(), c.ID) })
				require.Nil(t, found, "%s: %s", way, name)
				if name == "unknown" {
					require.Equal(t, before, w.AttachmentOf(id), "whole or not at all")
				}
			}
		}
	},
}

// attachmentRaces are about rivals for one attachment.
var attachmentRaces = map[string]func(*testing.T, *World, int){
	"of many cases that would take one attachment, one takes it": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		id := w.Uploads(alice)
		claims, reports := make([]refund.Request, rivals), make([]refund.Report, rivals)
		for i := range rivals {
			claims[i] = w.proving(alice, string(id))
			if i < 10 {
				reports[i] = w.showing(alice, id)
			}
		}
		opened := make([]refund.CaseID, rivals)
		require.Equal(t, 1, atOnceOf(t, rivals, func(err error) bool { return fault.CodeOf(err) == attachment.CodeTaken }, func(i int) error {
			var answer refund.Opened
			var err error
			if i < 10 {
				answer, err = w.Reporter().File(w.ctx(), reports[i], w.Now)
			} else {
				answer, err = w.Claimer().File(w.ctx(), claims[i], w.Now)
			}
			if err == nil {
				opened[i] = answer.Case
			}
			return err
		}))
		for _, caseID := range opened {
			if caseID != "" {
				w.wantTaken(caseID, id)
			}
		}
	},
	"under one key, an attachment is opened once, and counted once": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		request := w.proof(alice)
		request.Actor = ledger.ActorCustomer
		require.Equal(t, rivals, atOnce(t, rivals, fault.KindBusy, func(int) error {
			_, err := w.Opener().Open(w.ctx(), request, w.Now)
			return err
		}))
		for range attachment.MaxOpened - 1 {
			request.Key = w.Key()
			_, err := w.open(request)
			require.NoError(t, err)
		}
	},
}

// overdueAttachments returns the attachments of this world's customers that are due.
func (w *World) overdueAttachments() (ids []attachment.ID) {
	w.t.Helper()
	overdue := read(w, func() (overdue []due.Key, err error) {
		overdue, _, err = w.Store.Overdue(w.ctx(), w.Now, due.MaxItems)
		return overdue, err
	})
	for _, key := range overdue {
		if a := attachment.ID(key.Sort); attachment.IsID(key.Sort) && strings.HasSuffix(string(w.AttachmentOf(a).Customer), w.suffix) {
			ids = append(ids, a)
		}
	}
	return ids
}
