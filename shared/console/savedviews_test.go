package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/refund"
)

func TestAFilterIsSavedAsAViewOfOnesOwn(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	o.reports("six fingers")
	filter := "?due=soon&kind=bad_result&order=opened"
	assert.NotContains(t, o.reads("/console/cases"), "Keep this filter", "what has a name needs none")
	assert.Contains(t, o.reads("/console/cases"+filter), `action="/console/cases/views?due=soon&amp;kind=bad_result&amp;order=opened"`)
	saved := o.posts("/console/cases/views"+filter+"&customer=alice&page=2", url.Values{"name": {hostile[:40]}})
	require.Equal(t, []any{http.StatusSeeOther, "/console/cases" + filter}, []any{saved.Code, saved.Header().Get("Location")}, "of no customer, and of no page")
	text := o.reads("/console/cases" + filter)
	assert.Contains(t, text, "&lt;script&gt;alert")
	assert.NotContains(t, text, "<script>alert")
	assert.NotContains(t, text, "Keep this filter")
	assert.Contains(t, text, "Remove this view")
	assert.NotContains(t, o.as("bob", access.StaffRoleReviewer).reads("/console/cases"), "&lt;script&gt;alert")

	removed := o.posts("/console/cases/views/remove", url.Values{"name": {hostile[:40]}})
	assert.Equal(t, "/console/cases", removed.Header().Get("Location"))
	assert.NotContains(t, o.reads("/console/cases"), "&lt;script&gt;alert")
}

func TestAViewThatFindsNoRoomKeepsItsName(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	for n := range refund.MaxViews {
		require.Equal(t, http.StatusSeeOther, o.posts(fmt.Sprintf("/console/cases/views?clause=%d", n), url.Values{"name": {fmt.Sprint(n)}}).Code)
	}
	answer := o.posts("/console/cases/views?due=late", url.Values{"name": {"the last straw"}})
	assert.Equal(t, http.StatusConflict, answer.Code)
	assert.Contains(t, answer.Body.String(), "you have 10 views: remove one first")
	assert.Contains(t, answer.Body.String(), `value="the last straw"`)
	assert.Equal(t, http.StatusBadRequest, o.posts("/console/cases/views?due=never", url.Values{"name": {"x"}}).Code)
}
