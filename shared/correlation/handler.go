package correlation

import (
	"context"
	"log/slog"
)

// Handler returns a handler that writes each record by the inner one, with the id and the notes of
// its context.
func Handler(inner slog.Handler) slog.Handler { return handler{inner} }

type handler struct{ slog.Handler }

// Handle implements slog.Handler.
func (h handler) Handle(ctx context.Context, record slog.Record) error {
	w := of(ctx)
	// The line's own fields go first: it knows better than the work around it. Two fields of one
	// key would leave it to the reader of the JSON which of them counts.
	own := make(map[string]bool, record.NumAttrs())
	record.Attrs(func(attr slog.Attr) bool {
		own[attr.Key] = true
		return true
	})
	// A record that is kept and written twice shares its fields: it must not grow here.
	record = record.Clone()
	for _, note := range w.notes {
		if !own[note.Key] {
			record.AddAttrs(note)
		}
	}
	if w.id != "" {
		record.AddAttrs(slog.String(Key, w.id))
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
