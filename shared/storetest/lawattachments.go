package storetest

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/attachment"
	"makegood/shared/message"
	"makegood/shared/refund"
)

// Attachments demands, whatever the order of uploads, reports, claims, sweeps and discards, each of
// which may be cut off, and may come between two calls of another: an attachment of a case is that
// case's alone and keeps its object, and one that no case took is gone in the end.
func Attachments(t *testing.T, open func() Store) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		store := &between{Store: open()}
		m := &proofs{World: NewWorld(t, store)}
		steps := map[string]func(*rapid.T){"upload": m.upload, "report": m.report, "claim": m.claimWith, "discard": m.discard}
		names := slices.Sorted(maps.Keys(steps))
		step := func(t *rapid.T, label string, more ...string) func() {
			run, ok := steps[rapid.SampledFrom(append(more, names...)).Draw(t, label)]
			if !ok {
				return nil
			}
			return func() { run(t) }
		}
		t.Repeat(map[string]func(*rapid.T){
			"step": func(t *rapid.T) {
				store.next = step(t, "between", "")
				step(t, "step")()
				store.next = nil
			},
			"sweep": func(*rapid.T) { m.Sweep() },
			"pass": func(t *rapid.T) {
				m.Pass(rapid.SampledFrom([]time.Duration{-2 * time.Second, time.Hour, 12 * time.Hour, attachment.Stay - time.Millisecond}).Draw(t, "time"))
			},
			"": func(*rapid.T) { m.wantKept() },
		})
		m.wantGone()
	})
}

// proofs is a world with the attachments that were opened in it.
type proofs struct {
	*World
	opened []attachment.ID
	cases  []refund.CaseID
}

// upload opens an attachment, or puts the bytes of one whose link is still good.
func (m *proofs) upload(t *rapid.T) {
	if len(m.opened) < 3 {
		m.opened = append(m.opened, m.Opens(m.Customer("alice")))
	}
	id := rapid.SampledFrom(m.opened).Draw(t, "uploaded")
	if a := m.AttachmentOf(id); a != nil && m.Now.Before(a.ExpiresAt.Add(attachment.LinkLife)) {
		require.NoError(t, m.Shelf.Put(m.ctx(), id.Object(), string(attachment.PNG), []byte("\x89PNG\r\n\x1a\n")))
	}
}

// drawn returns some of what was opened.
func (m *proofs) drawn(t *rapid.T) (ids []attachment.ID) {
	if len(m.opened) == 0 {
		return nil
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(m.opened), 1, min(2, len(m.opened)), rapid.ID).Draw(t, "shown")
}

func (m *proofs) report(t *rapid.T) {
	if ids := m.drawn(t); ids != nil {
		m.noted(m.file(m.showing(m.Customer("alice"), ids...)))
	}
}

func (m *proofs) claimWith(t *rapid.T) {
	var links []string
	for _, id := range m.drawn(t) {
		links = append(links, string(id))
	}
	m.noted(m.claims(m.proving(m.Customer("alice"), links...)))
}

// noted remembers the case that was opened, if one was.
func (m *proofs) noted(opened refund.Opened, err error) {
	if err == nil {
		m.cases = append(m.cases, opened.Case)
	}
}

// discard delivers a message about any attachment past its day, which may be doubled or late, and
// may be cut off.
func (m *proofs) discard(t *rapid.T) {
	if len(m.opened) == 0 {
		return
	}
	id := rapid.SampledFrom(m.opened).Draw(t, "discarded")
	if a := m.AttachmentOf(id); a != nil && m.Now.Before(a.ExpiresAt.Add(attachment.LinkLife)) {
		return // no sweep has asked for it
	}
	off := &cutDiscards{Store: m.Store, cut: &cut{World: m.World, at: rapid.IntRange(0, 6).Draw(t, "cut")}}
	_ = attachment.Discarder{Store: off, Objects: off}.Discard(m.ctx(), message.NewAttachmentExpired(string(id)), m.Now)
}

// wantKept demands that what the cases have is theirs alone, and there.
func (m *proofs) wantKept() {
	m.t.Helper()
	taken := map[attachment.ID]bool{}
	for _, id := range m.cases {
		for _, one := range m.CaseOf(id).Statement.Attachments {
			require.False(m.t, taken[one.ID], "of one case")
			taken[one.ID] = true
			require.Equal(m.t, string(id), m.AttachmentOf(one.ID).Case)
			require.Equal(m.t, []string{one.ID.Object()}, m.Shelf.Keys(one.ID.Object()))
		}
	}
	for _, id := range m.opened {
		if a := m.AttachmentOf(id); a != nil {
			require.Equal(m.t, taken[id], a.Case != "")
			require.Equal(m.t, taken[id], len(a.Todo) == 0, "what no case has is due")
		}
	}
}

// wantGone demands that in the end nothing is left but what the cases have.
func (m *proofs) wantGone() {
	m.t.Helper()
	m.Pass(attachment.Stay + attachment.LinkLife + 2*time.Second)
	left := func() (ids []attachment.ID) {
		for _, id := range m.opened {
			if a := m.AttachmentOf(id); a != nil && a.Case == "" {
				ids = append(ids, id)
			}
		}
		return ids
	}
	m.SweepUntil(func() bool {
		m.Discards()
		return len(left()) == 0
	})
	m.wantKept()
	objects := 0
	for _, id := range m.cases {
		objects += len(m.CaseOf(id).Statement.Attachments)
	}
	require.Len(m.t, m.Shelf.Keys(m.Customer("alice").Key()+"/attachments/"), objects)
}

// between is a store in which something else happens once, after a case was looked for or before
// an attachment is written.
type between struct {
	Store
	next func()
}

func (b *between) happen() {
	if next := b.next; next != nil {
		b.next = nil
		next()
	}
}

// FindCase implements refund.Cases.
func (b *between) FindCase(ctx context.Context, id refund.CaseID) (*refund.Case, error) {
	found, err := b.Store.FindCase(ctx, id)
	b.happen()
	return found, err
}

// OpenCase implements refund.Cases.
func (b *between) OpenCase(ctx context.Context, c refund.Case) (*refund.Case, error) {
	b.happen()
	return b.Store.OpenCase(ctx, c)
}

// MarkDiscarded implements attachment.Discards.
func (b *between) MarkDiscarded(ctx context.Context, id attachment.ID, now time.Time) error {
	b.happen()
	return b.Store.MarkDiscarded(ctx, id, now)
}

// RemoveAttachment implements attachment.Discards.
func (b *between) RemoveAttachment(ctx context.Context, id attachment.ID) error {
	b.happen()
	return b.Store.RemoveAttachment(ctx, id)
}
