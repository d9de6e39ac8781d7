package view

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/golden"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// linker links each key by its name.
type linker struct{ err error }

func (l linker) Link(_ context.Context, key, mediaType string) (string, error) {
	return "https://bucket.example/" + key + "?as=" + mediaType, l.err
}

// looked is a bad result and what is on record of it.
func looked(t *testing.T) (Known, refund.Case, *policy.Policy) {
	t.Helper()
	published, err := policy.Open("photoroom")
	require.NoError(t, err)
	g := golden.Generation()
	return Known{generations: map[string]generation.Generation{string(g.ID): g}}, refund.Case{Kind: policy.KindBadResult, Generation: string(g.ID)}, published
}

func TestAllThatWasSeenIsShownToStaff(t *testing.T) {
	known, c, published := looked(t)
	record := golden.Fill[evidence.Record]()
	record.Output.Problem, record.Output.Format = evidence.ProblemGone, "jpeg"
	shown, err := known.Evidence(t.Context(), c, &record, published, linker{}, golden.Hour(9))
	require.NoError(t, err)
	shown.Examples = []string{"https://app.example/good.png"} // no shipped policy has any
	golden.Complete(t, *shown, record)
	golden.Equal(t, "testdata/evidence.golden.json", shown)
}

func TestBeforeALookStaffSeeWhatTheAppSaid(t *testing.T) {
	known, c, published := looked(t)
	shown, err := known.Evidence(t.Context(), c, nil, published, linker{}, golden.Hour(9))
	require.NoError(t, err)
	require.Equal(t, []any{"a cat on a chair", "poster", 1024}, []any{shown.Prompt, shown.Template, shown.Asked.Width})
	require.Nil(t, shown.At)
	require.Nil(t, shown.LinksUntil)
	shown, err = known.Evidence(t.Context(), refund.Case{Kind: policy.KindTechnicalFailure, Generation: c.Generation}, nil, published, linker{}, golden.Hour(9))
	require.NoError(t, err)
	require.Nil(t, shown, "nobody looks at a failure")
}

func TestALinkThatCannotBeMadeIsAnError(t *testing.T) {
	known, c, published := looked(t)
	record := golden.Fill[evidence.Record]()
	broken := errors.New("no credentials")
	_, err := known.Evidence(t.Context(), c, &record, published, linker{broken}, golden.Hour(9))
	require.ErrorIs(t, err, broken)
}
