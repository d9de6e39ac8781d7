// Package correlation owns what ties log lines together: one id from the door at which a piece of
// work came in to the notice that ends it, and what each line on the way says of the work at hand.
//
// It refuses to know doors and queues. Whoever takes work in gives it its id, and whoever hands it
// on sends the id along: HTTP as a header, a queue as an attribute of the message.
//
// Invariants: an id is a text that can be logged, sent as a header and searched for as it is: 1 to
// 64 letters, digits and . _ : = + / -. So it can be no e-mail address, no line of its own and no
// markup. A stored row keeps none (infra/decisions/0054). No id decides anything.
//
// Words: correlation id, branch (one of many pieces of work that one invocation does), note (what
// every line of the work says of it).
package correlation

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"sync/atomic"
)

// Where an id stands.
const (
	// Key is its key in a log line.
	Key = "correlation_id"
	// Attribute is its attribute of a message on a queue.
	Attribute = "correlation-id"
	// Header is its header of a request, an answer, a notice and a mail.
	Header = "Correlation-Id"
)

// maxID bounds an id, in bytes. A UUID has 36, API Gateway's id of a request 16, a traceparent 55.
const maxID = 64

// work is what the lines of a piece of work have in common. It is never changed: a context that
// carries more carries another.
type work struct {
	id       string
	notes    []slog.Attr
	branches *atomic.Int64
}

type contextKey struct{}

func of(ctx context.Context) work {
	w, _ := ctx.Value(contextKey{}).(work)
	return w
}

func (w work) in(ctx context.Context) context.Context { return context.WithValue(ctx, contextKey{}, w) }

// Fits reports whether the text can be an id. Whoever is not let in may send one, so what does not
// fit is dropped, never cut or quoted.
func Fits(id string) bool {
	return 1 <= len(id) && len(id) <= maxID && !slices.ContainsFunc([]byte(id), stranger)
}

// stranger reports whether an id cannot hold the character.
func stranger(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return false
	}
	return !slices.Contains([]byte("._:=+/-"), c)
}

// With returns ctx for work that begins under the first of the ids that fits. Without one the work
// goes on under the id that ctx has. Notes of ctx stay.
func With(ctx context.Context, ids ...string) context.Context {
	n := slices.IndexFunc(ids, Fits)
	if n < 0 {
		return ctx
	}
	w := of(ctx)
	w.id, w.branches = ids[n], new(atomic.Int64)
	return w.in(ctx)
}

// ID returns the id under which ctx works, "" for none.
func ID(ctx context.Context) string { return of(ctx).id }

// Branch returns ctx for one of many pieces of work that are done under one id: the id, a dot and a
// number that no other of them has. Following one piece then shows none of the others.
func Branch(ctx context.Context) context.Context {
	w := of(ctx)
	if w.branches == nil {
		return ctx
	}
	return With(ctx, w.id+"."+strconv.FormatInt(w.branches.Add(1), 10))
}

// Note returns ctx whose every log line has these fields too, unless the line itself has a field of
// that key. A later note of a key replaces the earlier one.
func Note(ctx context.Context, notes ...slog.Attr) context.Context {
	w := of(ctx)
	w.notes = slices.DeleteFunc(slices.Clone(w.notes), func(former slog.Attr) bool { return has(notes, former.Key) })
	w.notes = append(w.notes, notes...)
	return w.in(ctx)
}

func has(notes []slog.Attr, key string) bool {
	return slices.ContainsFunc(notes, func(note slog.Attr) bool { return note.Key == key })
}
