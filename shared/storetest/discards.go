package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/attachment"
	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/todo"
)

// Discarder returns the use case over the world's store and shelf.
func (w *World) Discarder() attachment.Discarder {
	return attachment.Discarder{Store: w.Store, Objects: w.Shelf}
}

// Discards delivers what the sweep asked to have discarded.
func (w *World) Discards() {
	w.t.Helper()
	for _, expired := range take(w, &w.expired) {
		require.NoError(w.t, again(func() error { return w.Discarder().Discard(w.ctx(), expired, w.Now) }))
	}
}

// discard asks once for the attachment to be discarded.
func (w *World) discard(id attachment.ID) error {
	return again(func() error { return w.Discarder().Discard(w.ctx(), message.NewAttachmentExpired(string(id)), w.Now) })
}

var discardStories = map[string]func(*testing.T, *World){
	"what no case took is gone after its day, its row last": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		kept, id := w.Uploads(alice), w.Uploads(alice)
		opened, err := w.file(w.showing(alice, kept))
		require.NoError(t, err)
		w.Pass(attachment.Stay + attachment.LinkLife - time.Millisecond)
		w.Nudge()
		w.Sweep()
		require.Empty(t, w.expired, "an upload may still be on its way")
		w.Pass(time.Millisecond)
		w.SweepUntil(func() bool {
			w.Discards()
			return w.AttachmentOf(id) == nil
		})
		require.Equal(t, []string{kept.Object()}, w.Shelf.Keys(alice.Key()+"/attachments/"))
		w.wantTaken(opened.Case, kept)
		require.NoError(t, w.discard(id), "a doubled message finds nothing")
		require.NoError(t, w.discard(kept), "nor does one about what a case has")
		require.Equal(t, []string{kept.Object()}, w.Shelf.Keys(alice.Key()+"/attachments/"))
	},
	"what is not past its day is not discarded, and what is to be removed no case takes": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Uploads(alice)
		require.NoError(t, w.discard(id))
		require.Zero(t, w.AttachmentOf(id).DiscardedAt)
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return w.Store.RemoveAttachment(w.ctx(), id) })), "it is not marked")
		end := w.Now.Add(attachment.Stay)
		require.NoError(t, again(func() error { return w.Store.MarkDiscarded(w.ctx(), id, end) }))
		require.NoError(t, again(func() error { return w.Store.MarkDiscarded(w.ctx(), id, end.Add(time.Hour)) }), "again, after a crash")
		_, err := w.file(w.showing(alice, id)) // by a clock that is behind
		refusedBy(t, err, fault.KindNotFound, attachment.CodeNotFound, "attachments[0]")
		unknown := attachment.NewID(alice, "app", w.Key())
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return w.Store.MarkDiscarded(w.ctx(), unknown, end) })))
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return w.Store.RemoveAttachment(w.ctx(), unknown) })))
		require.Nil(t, w.AttachmentOf(unknown))
		require.Equal(t, fault.KindNotFound, fault.KindOf(w.discard("cas_none")))
	},
	"an attachment that cannot be discarded is stuck in the end, and may be tried again": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Uploads(alice)
		w.Pass(attachment.Stay + attachment.LinkLife)
		for range 60 {
			w.Nudge()
			w.Sweep()
			w.Lose() // nobody takes the message
			w.Pass(time.Hour)
		}
		w.Nudge()
		require.Equal(t, 1, stuckOf(w, alice))
		retried := read(w, func() (due.Item, error) {
			return due.Retry(w.ctx(), w.Store, due.Key{Kind: todo.KindAttachment, Partition: alice.Key(), Sort: string(id)}, "ann")
		})
		require.Equal(t, []string{string(todo.StepDiscard)}, retried.Todo.Names())
		w.SweepUntil(func() bool {
			w.Discards()
			return w.AttachmentOf(id) == nil
		})
		w.Nudge()
		require.Zero(t, stuckOf(w, alice))
		require.Empty(t, w.Shelf.Keys(alice.Key()))
	},
	"a discard that is cut off at any of its calls is ended by the next": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		for at := 1; at <= 6; at++ {
			id := w.Uploads(alice)
			w.Pass(attachment.Stay + attachment.LinkLife)
			off := &cutDiscards{Store: w.Store, cut: &cut{World: w, at: at}}
			err := attachment.Discarder{Store: off, Objects: off}.Discard(w.ctx(), message.NewAttachmentExpired(string(id)), w.Now)
			require.ErrorIs(t, err, errCut)
			if row := w.AttachmentOf(id); row == nil {
				require.Empty(t, w.Shelf.Keys(id.Object()), "the row goes last")
			} else {
				require.True(t, row.Todo.Has(todo.StepDiscard), "the row still owes it")
			}
			w.SweepUntil(func() bool {
				w.Discards()
				return w.AttachmentOf(id) == nil
			})
			require.Empty(t, w.Shelf.Keys(id.Object()))
		}
	},
}

// cutDiscards is what a discarder calls, cut off at one of its calls.
type cutDiscards struct {
	Store
	cut *cut
}

// MarkDiscarded implements attachment.Discards.
func (d *cutDiscards) MarkDiscarded(ctx context.Context, id attachment.ID, now time.Time) error {
	return d.cut.call(func() error { return again(func() error { return d.Store.MarkDiscarded(ctx, id, now) }) })
}

// RemoveAttachment implements attachment.Discards.
func (d *cutDiscards) RemoveAttachment(ctx context.Context, id attachment.ID) error {
	return d.cut.call(func() error { return settled(func() error { return d.Store.RemoveAttachment(ctx, id) }) })
}

// Delete implements attachment.Objects.
func (d *cutDiscards) Delete(ctx context.Context, key string) error {
	return d.cut.call(func() error { return d.cut.Shelf.Delete(ctx, key) })
}
