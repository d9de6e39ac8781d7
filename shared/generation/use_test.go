package generation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/memory"
	"makegood/shared/storetest"
)

func TestAUseIsRefusedByItsField(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 100)
	failed, held := w.Starts("alice", 1), w.Starts("alice", 2)
	part, whole := w.Starts("alice", 2), w.Starts("alice", 1)
	w.Settles(failed, w.Failure(generation.CausePlatform))
	w.Settles(part, w.Success(1))
	w.Settles(whole, w.Success(-1))
	start := w.Generation(whole).StartedAt
	downloaded := generation.Use{Downloaded: true, At: start}
	with := func(change func(*generation.Use)) generation.Use {
		use := downloaded
		change(&use)
		return use
	}
	for name, refused := range map[string]struct {
		id    generation.ID
		use   generation.Use
		kind  fault.Kind
		field string
	}{
		"nothing told":             {whole, generation.Use{At: start}, fault.KindInvalid, "downloaded"},
		"an output below none":     {whole, with(func(u *generation.Use) { u.Output = -1 }), fault.KindInvalid, "output"},
		"a ninth output":           {whole, with(func(u *generation.Use) { u.Output = generation.MaxOutputs }), fault.KindInvalid, "output"},
		"an output not asked for":  {whole, with(func(u *generation.Use) { u.Output = 1 }), fault.KindInvalid, "output"},
		"an output that was cut":   {part, with(func(u *generation.Use) { u.Output = 1 }), fault.KindInvalid, "output"},
		"too far ahead":            {whole, with(func(u *generation.Use) { u.At = w.Now.Add(generation.MaxSkew + time.Millisecond) }), fault.KindInvalid, "at"},
		"before the start":         {whole, with(func(u *generation.Use) { u.At = start.Add(-time.Millisecond) }), fault.KindInvalid, "at"},
		"nothing delivered":        {failed, downloaded, fault.KindInvalid, "generation"},
		"no result yet":            {held, with(func(u *generation.Use) { u.Output = 1 }), fault.KindConflict, ""},
		"more than was asked, yet": {held, with(func(u *generation.Use) { u.Output = 2 }), fault.KindInvalid, "output"},
		"a ninth output of nobody": {generation.NewID("alice", "app", "never"), with(func(u *generation.Use) { u.Output = generation.MaxOutputs }), fault.KindInvalid, "output"},
		"nobody's":                 {generation.NewID("alice", "app", "never"), downloaded, fault.KindNotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Recorder().Record(t.Context(), refused.id, generation.UseOrder{Use: refused.use, Principal: "app", Key: w.Key()}, w.Now)
			var refusal *fault.Error
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, []any{refused.kind, refused.field}, []any{refusal.Kind, refusal.Field}, "%v", err)
			if refused.kind == fault.KindConflict {
				require.Equal(t, []any{generation.CodeResultPending, time.Second}, []any{refusal.Code, refusal.RetryAfter})
			}
		})
	}
	for _, at := range []time.Time{start, w.Now.Add(generation.MaxSkew)} {
		order := generation.UseOrder{Use: with(func(u *generation.Use) { u.At = at }), Principal: "app", Key: w.Key()}
		_, err := w.Recorder().Record(t.Context(), whole, order, w.Now)
		require.NoError(t, err)
	}
	_, err := w.Recorder().Record(t.Context(), part, generation.UseOrder{Use: downloaded, Principal: "app", Key: w.Key()}, w.Now)
	require.NoError(t, err)
}
