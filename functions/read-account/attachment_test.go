package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/attachment"
	"makegood/shared/aws/http/httptest"
)

// linked links each key as it stands.
type linked struct{}

func (linked) Link(_ context.Context, key, _ string) (string, error) {
	return "https://kept.example/" + key, nil
}

func TestACaseSaysWhatItTookAndLinksItForStaffAlone(t *testing.T) {
	c := open(t)
	picture := c.StartsUnder("alice", 2, "picture-3")
	c.Settles(picture, c.Success(-1))
	proof := c.UploadsOf("alice", attachment.PDF)
	c.Shows(picture, 1, proof)
	now := func() time.Time { return c.Now }
	c.Client = httptest.New(t, "read-account", now, handler{store: c.Store, now: now, policy: c.Policy, links: linked{}}.routes)
	took := map[string]any{"id": string(proof), "media_type": "application/pdf", "bytes": 12.0}
	attached := func(fixture string, edits ...func(map[string]any)) any {
		return c.gets(fixture, edits...)["asked"].(map[string]any)["attachments"]
	}
	require.Equal(t, []any{took}, attached("case-reported", c.As("alice")))
	require.Equal(t, []any{took}, attached("case-reported"), "the app reads what its customer reads")
	took["url"] = "https://kept.example/" + proof.Object()
	require.Equal(t, []any{took}, attached("case-reported-by-staff"))
	listed := c.gets("cases")["cases"].([]any)[0].(map[string]any)
	require.NotContains(t, listed["asked"], "attachments", "a list leaves them out")
}
