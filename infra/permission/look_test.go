package permission_test

import (
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"

	"github.com/stretchr/testify/require"
)

// isLookedAtAgain reports a picture that shows nothing. The policy gives its credits back, staff
// look again without knowing it, and learn how that went.
func (c *caller) isLookedAtAgain(customer string) {
	c.t.Helper()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = png.Encode(w, image.NewGray(image.Rect(0, 0, 64, 64)))
	}))
	c.t.Cleanup(app.Close)
	c.posts("/v1/grants", fmt.Sprintf(`{"customer":%q,"credits":50,"source":"promotion"}`, customer), http.StatusCreated)
	id := c.starts(customer, 1)
	c.ends(id, fmt.Sprintf(`{"status":"succeeded","outputs":[{"url":%q}]}`, app.URL+"/1.png"), "captured")
	opened := c.posts("/v1/reports", fmt.Sprintf(`{"generation":%q,"description":"nothing but black"}`, id), http.StatusAccepted)["case"].(string)
	c.decidesOn(opened, "approved")

	require.NotEmpty(c.t, c.gets("/v1/second-looks")["looks"])
	seen := c.gets("/v1/second-looks/" + opened)["evidence"].(map[string]any)
	output := seen["output"].(map[string]any)
	require.NotEmpty(c.t, output["url"], "a link to the copy")
	require.NotContains(c.t, seen, "verdict")
	answer := c.asStaff(http.MethodPost, "/v1/second-looks/"+opened, `{"finding":"unusable","note":"it is black"}`, http.StatusOK)
	require.Equal(c.t, "unusable", answer["finding"])
	signal := c.gets("/v1/signals")["signals"].([]any)[0].(map[string]any)
	require.Equal(c.t, []any{"blank", 1.0, 0.0}, []any{signal["signal"], signal["looks"], signal["wrongly_paid"]})
	require.Len(c.t, c.gets("/v1/accuracy")["counts"], 2, "of the feature, and of the signal")
	require.NotEmpty(c.t, c.gets("/v1/labels")["labels"])
	c.asStaff(http.MethodPost, "/v1/signals/blank/lift", `{"note":"it never stopped"}`, http.StatusConflict)
}
