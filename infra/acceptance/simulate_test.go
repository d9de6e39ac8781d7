package acceptance_test

import (
	"encoding/json"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// simulated is what the command answers of a draft, as far as the story reads it.
type simulated struct {
	Cases         int
	Check         struct{ Verdicts, Same int }
	Rules, People struct {
		Cases, Flipped            int
		Before, Under, Difference struct{ Credits int }
	}
}

func simulate(t *testing.T, args ...string) (s simulated) {
	t.Helper()
	out, code := makegood(t, append([]string{"policy", "simulate", "--json", "--cursor", filepath.Join(t.TempDir(), "cursor.json")}, args...)...)
	require.Zero(t, code, out)
	require.NoError(t, json.Unmarshal([]byte(out), &s))
	require.Equal(t, s.Check.Verdicts, s.Check.Same)
	return s
}

func TestADraftOfTwelveHoursShowsExactlyTheCasesThatFlipAndIsPublishedByItsReceipt(t *testing.T) {
	folder := t.TempDir()
	draft, receipt, into := filepath.Join(folder, "draft.yaml"), filepath.Join(folder, "receipt.json"), filepath.Join(folder, "published")
	current, err := os.ReadFile(filepath.Join(stack.Root(), "shared", "policy", "published", policy, "2026-01-01.yaml"))
	require.NoError(t, err)
	text := strings.NewReplacer("revision: 2026-01-01", "revision: 2030-01-01", "report: 24h", "report: 12h").Replace(string(current))
	require.NoError(t, os.WriteFile(draft, []byte(text), 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(into, policy), 0o750))
	require.NoError(t, os.WriteFile(filepath.Join(into, policy, "2026-01-01.yaml"), current, 0o600))
	before := simulate(t, draft) // other stories have cases too

	a := openAlbum(t)
	blank := a.shows(painted(t, func(c *image.NRGBA) { fill(c, c.Bounds(), color.White) }))
	madeAgo := func(span time.Duration, more ...object) string {
		return reported(t, customer(t, 8), object{"feature": "recolor"}, with(success(), append(more, object{"finished_at": ago(span)})...), object{})
	}
	shown := object{"outputs": []object{{"url": blank}}}
	decided(t, madeAgo(time.Hour, shown), "approved", "R2")
	decided(t, madeAgo(18*time.Hour, shown), "approved", "R2") // flips
	decided(t, madeAgo(18*time.Hour), "in_review", "R8")       // flips
	ruled := madeAgo(18 * time.Hour)                           // a person's
	decided(t, ruled, "in_review", "R8")
	rule(t, ruled, object{"outcome": "approved"})
	decided(t, ruled, "approved", "R2")
	decided(t, madeAgo(30*time.Hour), "declined", "R7")
	decided(t, failed(t, start(t, customer(t, 4)), failure("platform")), "approved", "R1")

	after := simulate(t, "--receipt", receipt, draft)
	require.Equal(t, []int{5, 2, 12, 8, -4}, []int{
		after.Rules.Cases - before.Rules.Cases, after.Rules.Flipped - before.Rules.Flipped, after.Rules.Before.Credits - before.Rules.Before.Credits,
		after.Rules.Under.Credits - before.Rules.Under.Credits, after.Rules.Difference.Credits - before.Rules.Difference.Credits,
	})
	require.Equal(t, []int{1, 1, -4}, []int{
		after.People.Cases - before.People.Cases, after.People.Flipped - before.People.Flipped, after.People.Difference.Credits - before.People.Difference.Credits,
	})
	same := simulate(t, filepath.Join(into, policy, "2026-01-01.yaml"))
	require.Zero(t, same.Rules.Flipped+same.People.Flipped, "the policy in force flips nothing")

	_, code := makegood(t, "policy", "publish", "--into", into, draft)
	require.Equal(t, 1, code, "it has no receipt")
	out, code := makegood(t, "policy", "publish", "--into", into, "--receipt", receipt, draft)
	require.Zero(t, code, out)
	require.FileExists(t, filepath.Join(into, policy, "2030-01-01.yaml"))
	require.FileExists(t, filepath.Join(into, policy, "2030-01-01.receipt.json"))
}
