package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// appealed opens the console of a stack in which two people answer an appeal, with one that waits
// and that eve declined before.
func appealed(t *testing.T) (office, refund.CaseID) {
	t.Helper()
	o := opens(t)
	id := o.reports("six fingers")
	_, err := o.Reviewer().Rule(t.Context(), id, refund.RulingOrder{
		Ruling: policy.Ruling{Outcome: policy.OutcomeDeclined}, Note: "five, I counted", By: "eve", Principal: "staff:eve", Key: "first",
	}, o.Now)
	require.NoError(t, err)
	o.Deliver()
	o.NeedsTwo()
	o.Appeals(id)
	o.Deliver()
	o.handler = consoleOf(o.World, o.Policy).Handler()
	return o.as("ann", access.StaffRoleReviewer), id
}

// proposalOn returns the name of what is proposed, as the page's form has it.
func proposalOn(t *testing.T, page string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, `name="proposal" value="`)
	require.True(t, found, "nothing is proposed")
	name, _, _ := strings.Cut(rest, `"`)
	return name
}

func TestWhatNeedsTwoIsProposedAndItsProposerCannotConfirmIt(t *testing.T) {
	ann, id := appealed(t)
	path := "/console/cases/" + string(id)
	assert.Contains(t, ann.reads(path), "Propose to approve")
	answer := ann.posts(path+"/rule", url.Values{"outcome": {"approved"}, "key": {"k1"}, "note": {"there are six"}})
	require.Equal(t, http.StatusSeeOther, answer.Code, answer.Body)
	after := ann.gets(answer.Header().Get("Location")).Header().Get("Location")
	assert.True(t, strings.HasPrefix(after, "/console/cases?"), "what ann proposed is not her next case: %s", after)
	assert.Contains(t, ann.reads(after), "Proposed: approved")
	assert.Contains(t, ann.reads("/console/cases?second=needed"), "you proposed: needs somebody else")
	text := ann.reads(path)
	assert.Contains(t, text, "Somebody else has to confirm what you propose.")
	assert.NotContains(t, text, "Confirm <kbd>")
	assert.NotContains(t, text, `value="approved"`)
	refused := ann.posts(path+"/confirm", url.Values{"proposal": {proposalOn(t, text)}})
	assert.Equal(t, http.StatusConflict, refused.Code)
	assert.Contains(t, refused.Body.String(), "you proposed it")
	assert.Equal(t, path, ann.posts(path+"/withdraw", url.Values{"proposal": {proposalOn(t, text)}}).Header().Get("Location"))
	assert.Contains(t, ann.reads(path), "Propose to approve", "it waits as before")
}

func TestASecondPersonSeesWhatIsProposedWithoutTheFirstRulingAndConfirmsIt(t *testing.T) {
	ann, id := appealed(t)
	path := "/console/cases/" + string(id)
	require.Equal(t, http.StatusSeeOther, ann.posts(path+"/rule", url.Values{"outcome": {"approved"}, "key": {"k1"}, "note": {hostile}}).Code)
	bob := ann.as("bob", access.StaffRoleReviewer)
	queue := bob.reads("/console/cases?second=needed")
	assert.Contains(t, queue, "needs a second person</span>")
	assert.Contains(t, queue, `Needs a second person <span class="count">1</span>`)
	assert.Contains(t, bob.reads("/console/cases?second=none"), "No waiting case is like that.")
	assert.Contains(t, bob.reads("/console/appeals"), "needs a second person</span>")
	text := bob.reads(path)
	for _, want := range []string{"<strong>ann</strong> proposed", "&lt;script&gt;alert(1)", "36 credits → 40 credits", "Confirm <kbd>c</kbd>", "Send it back <kbd>b</kbd>", "It is hidden until this appeal is decided"} {
		assert.Contains(t, text, want)
	}
	assert.NotContains(t, text, "five, I counted")
	assert.NotContains(t, text, "<script>alert")
	assert.Contains(t, bob.as("eve", access.StaffRoleReviewer).reads(path), "the first answer was yours", "eve declined it first")
	assert.NotContains(t, bob.as("mia", access.StaffRoleMoney).reads(path), "Confirm <kbd>")

	confirm := url.Values{"proposal": {proposalOn(t, text)}}
	answer := bob.posts(path+"/confirm", confirm)
	require.Equal(t, http.StatusSeeOther, answer.Code, answer.Body)
	to := bob.gets(answer.Header().Get("Location")).Header().Get("Location")
	assert.Contains(t, bob.reads(to), "Take it back", "the second person's half minute")
	bob.Pass(refund.TakeBackWindow)
	bob.Deliver()
	bob.WantAvailable("alice", 40)
	assert.Contains(t, bob.reads(path), "confirmed by <strong>bob</strong>")
}

func TestAProposalIsSentBackWithAReasonAndNoTypedWordIsLost(t *testing.T) {
	ann, id := appealed(t)
	path := "/console/cases/" + string(id)
	require.Equal(t, http.StatusSeeOther, ann.posts(path+"/rule", url.Values{"outcome": {"approved"}, "key": {"k1"}}).Code)
	bob := ann.as("bob", access.StaffRoleReviewer)
	rival := bob.posts(path+"/rule", url.Values{"outcome": {"declined"}, "key": {"k2"}, "note": {"a rival's words"}})
	assert.Equal(t, http.StatusConflict, rival.Code)
	assert.Contains(t, rival.Body.String(), "a ruling of ann waits for a second person")
	assert.Contains(t, rival.Body.String(), "a rival&#39;s words")
	proposal := proposalOn(t, bob.reads(path))
	assert.Equal(t, http.StatusBadRequest, bob.posts(path+"/send-back", url.Values{"proposal": {proposal}}).Code)
	assert.Equal(t, path, bob.posts(path+"/send-back", url.Values{"proposal": {proposal}, "why": {"it shows five"}}).Header().Get("Location"))
	assert.Contains(t, bob.reads(path), "Propose to approve")
	late := bob.as("mia", access.StaffRoleReviewer).posts(path+"/send-back", url.Values{"proposal": {proposal}, "why": {"my own reason"}})
	assert.Equal(t, http.StatusConflict, late.Code)
	assert.Contains(t, late.Body.String(), "bob has sent it back already")
	assert.Contains(t, late.Body.String(), "my own reason")
}
