package correlation_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"makegood/shared/correlation"
)

func TestAnIDIsATextThatCanBeLoggedSentAndSearchedFor(t *testing.T) {
	for _, id := range []string{
		"7", "LV7fzho-PHcEJPw=", "0f4e866c-6c1d-4f4d-9d6e-0a2c1b3d5e7f", "Root=1-5759e988-bd862e3fe1be46a994272793", "a/b+c_d.e:f", strings.Repeat("x", 64),
	} {
		assert.True(t, correlation.Fits(id), id)
	}
	for _, id := range []string{"", "alice@example.com", "two words", "line\nbreak", "tab\t", "<b>", `"`, "ä", "\x00", "a,b", strings.Repeat("x", 65)} {
		assert.False(t, correlation.Fits(id), id)
	}
}

func TestWorkBeginsUnderTheFirstIDThatFits(t *testing.T) {
	ctx := correlation.With(t.Context(), "", "not one", "one", "two")
	assert.Equal(t, "one", correlation.ID(ctx))
	assert.Equal(t, "one", correlation.ID(correlation.With(ctx, "", "alice@example.com")), "it goes on under the id that it has")
	assert.Equal(t, "two", correlation.ID(correlation.With(ctx, "two")))
	assert.Empty(t, correlation.ID(correlation.With(t.Context(), "a b")))
	assert.Empty(t, correlation.ID(correlation.Branch(t.Context())), "nothing to branch off")
}

func TestBranchesOfOneIDAreAllDifferentAndFit(t *testing.T) {
	ctx := correlation.With(t.Context(), "0f4e866c-6c1d-4f4d-9d6e-0a2c1b3d5e7f")
	var mu sync.Mutex
	ids := map[string]bool{}
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			id := correlation.ID(correlation.Branch(correlation.Branch(ctx)))
			mu.Lock()
			defer mu.Unlock()
			ids[id] = true
			assert.True(t, correlation.Fits(id), id)
		})
	}
	group.Wait()
	assert.Len(t, ids, 50)
}

// written returns the line that write logs.
func written(write func(log *slog.Logger)) string {
	var text bytes.Buffer
	drop := func(_ []string, attr slog.Attr) slog.Attr {
		if attr.Key == slog.TimeKey || attr.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return attr
	}
	write(slog.New(correlation.Handler(slog.NewJSONHandler(&text, &slog.HandlerOptions{ReplaceAttr: drop}))))
	return strings.TrimSpace(text.String())
}

func TestEveryLineOfTheWorkHasItsIDAndItsNotes(t *testing.T) {
	ctx := correlation.Note(correlation.With(t.Context(), "req-1"), slog.String("step", "decide refund"), slog.Int("attempt", 2))
	assert.Equal(t, `{"msg":"no","case":"cas_1","step":"decide refund","attempt":2,"correlation_id":"req-1"}`, written(func(log *slog.Logger) {
		log.ErrorContext(ctx, "no", "case", "cas_1")
	}))
	assert.Equal(t, `{"msg":"no"}`, written(func(log *slog.Logger) { log.ErrorContext(context.Background(), "no") }))
}

func TestALinesOwnFieldsAndLaterNotesOverruleEarlierOnes(t *testing.T) {
	ctx := correlation.Note(correlation.With(t.Context(), "req-1"), slog.String("payment", "pi_1"), slog.String("step", "poll"))
	later := correlation.Note(ctx, slog.String("step", "settle payment"))
	assert.Equal(t, `{"msg":"no","payment":"pi_2","step":"settle payment","correlation_id":"req-1"}`, written(func(log *slog.Logger) {
		log.ErrorContext(later, "no", "payment", "pi_2")
	}))
	assert.Equal(t, `{"msg":"no","payment":"pi_1","step":"poll","correlation_id":"req-1"}`, written(func(log *slog.Logger) {
		log.ErrorContext(ctx, "no")
	}), "the work around it keeps its own")
	assert.Equal(t, `{"msg":"no","room":"x","payment":"pi_1","step":"poll","correlation_id":"req-1"}`, written(func(log *slog.Logger) {
		log.With("room", "x").ErrorContext(ctx, "no")
	}))
}

func TestNoTextOfAStrangerGetsIntoALine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.String().Draw(t, "id")
		kept := correlation.ID(correlation.With(context.Background(), id))
		if kept == "" {
			return
		}
		if kept != id || len(kept) > 64 || strings.ContainsAny(kept, "@<>\"'\\ \r\n,;{}") {
			t.Fatalf("took %q as %q", id, kept)
		}
	})
}
