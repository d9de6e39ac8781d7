package permission_test

import (
	"fmt"
	"net/http"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// isForgotten has a look at a result whose message was lost, and then erases what is personal of
// the customer: a report's words, a note on their standing, and pictures.
func (c *caller) isForgotten(customer string) {
	c.t.Helper()
	c.isRestricted(customer)
	c.isLookedAtAgain(customer)
	c.owesSomethingOld("CasesTable", "assess", 0)
	c.sweeps()
	c.attaches(local.AppKey, customer, "image/png", "\x89PNG\r\n\x1a\n and so on")
	personal := fmt.Sprintf("/v1/customers/%s/personal", customer)
	require.NotEmpty(c.t, c.gets(personal))
	require.Equal(c.t, true, c.asStaff(http.MethodDelete, personal, "", http.StatusOK)["complete"])
}
