package console_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// hostile is what somebody writes who hopes that a page takes it for its own.
const hostile = `<script>alert(1)</script><img src=x onerror=alert(2)>"'` + "`" + `{{.Caller}}javascript:alert(3)`

// reports opens the case of alice's picture, which waits for staff.
func (o office) reports(words string) refund.CaseID {
	o.t.Helper()
	o.Grants("alice", 40)
	came := o.Success(0)
	came.Outputs = []generation.Output{{URL: "https://images.example/hand.png", MediaType: "image/png"}}
	came.InputURL = "https://images.example/me.jpg"
	picture := o.StartsUnder("alice", 1, o.Key())
	o.Settles(picture, came)
	o.Pass(time.Minute)
	opened, err := refund.Reporter{Store: o.Store, Assessments: o.World}.File(context.Background(), refund.Report{
		Generation: picture, Output: 0, Statement: refund.Statement{Description: words, Issue: policy.IssueDistortion},
		Principal: "app", Key: o.Key(), Actor: ledger.ActorApp,
	}, o.Now)
	require.NoError(o.t, err)
	o.Deliver()
	return opened.Case
}

// claims opens the case of a claim of alice's, which has no rule.
func (o office) claims(reason string) refund.CaseID {
	o.t.Helper()
	opened, err := refund.Claimer{Store: o.Store, Requests: o.World}.File(context.Background(), refund.Request{
		Kind: policy.KindAbnormalCharge, Customer: "alice", Payment: `pi_<script>alert(1)"'`, Principal: "app", Key: o.Key(), Actor: ledger.ActorApp,
		Claim: refund.Claim{
			Email: "a@example.com", PaidAt: o.Now, Amount: money.Amount{Currency: "USD", Minor: 1000}, Reason: reason,
			TransactionIDs: []string{hostile}, Attachments: []string{"https://x.example/" + url.PathEscape(hostile)},
		},
	}, o.Now)
	require.NoError(o.t, err)
	o.Deliver()
	return opened.Case
}

// reads asks for a page that there is, and returns it.
func (o office) reads(path string) string {
	o.t.Helper()
	answer := o.gets(path)
	require.Equal(o.t, http.StatusOK, answer.Code, "%s: %s", path, answer.Body)
	return answer.Body.String()
}

func TestTheQueueListsWhatWaitsWithItsPromise(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	assert.Contains(t, o.reads("/console/cases"), "Nothing waits.")
	id := o.reports("six fingers")
	text := o.reads("/console/cases")
	assert.Contains(t, text, "/console/cases/"+string(id))
	assert.Contains(t, text, "bad result")
	assert.Contains(t, text, `<span class="fine">In time</span>`)
	assert.NotContains(t, text, "six fingers", "whoever decides sees the pictures first")
	found := o.CaseOf(id)
	o.Pass(found.ReviewBy.Sub(o.Now) - time.Minute)
	o = o.as("ann", access.StaffRoleReviewer)
	assert.Contains(t, o.reads("/console/cases"), `<span class="late">Urgent</span>`, "red before it runs out")
	o.Pass(time.Hour)
	o = o.as("ann", access.StaffRoleReviewer)
	assert.Contains(t, o.reads("/console/cases?due=late"), `<span class="late">Late</span>`)
	assert.Contains(t, o.reads("/console/cases?kind=outage"), "No waiting case is like that.")
	assert.Contains(t, o.reads("/console/cases?customer=alice&order=opened"), string(id))
	assert.Equal(t, http.StatusBadRequest, o.gets("/console/cases?order=backwards").Code)
}

func TestACasePageSaysWhatEachChoiceMovesAndTheWordsAfterThePictures(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	id := o.reports("six fingers")
	text := o.reads("/console/cases/" + string(id))
	assert.Less(t, strings.Index(text, "https://images.example/hand.png"), strings.Index(text, "six fingers"))
	assert.Contains(t, text, "4 credits")
	assert.Contains(t, text, "36 credits → 40 credits")
	assert.Contains(t, text, "Nothing moves")
	assert.Less(t, len(text), 100_000)
	assert.Equal(t, http.StatusNotFound, o.gets("/console/cases/cas_none").Code)
}

func TestWhatAnyoneWroteStaysText(t *testing.T) {
	o := opens(t, access.StaffRoleAdmin)
	for _, id := range []refund.CaseID{o.reports(hostile), o.claims(hostile)} {
		path := "/console/cases/" + string(id)
		refused := o.posts(path+"/rule", url.Values{"outcome": {"approved"}, "amount": {"lots"}, "in": {"credits"}, "note": {hostile}})
		require.Equal(t, http.StatusBadRequest, refused.Code)
		for _, text := range []string{o.reads(path), o.reads("/console/cases"), refused.Body.String()} {
			assert.NotContains(t, text, "<script>alert")
			assert.NotContains(t, text, "<img src=x")
			assert.NotContains(t, text, `href="javascript:`)
		}
		assert.Contains(t, o.reads(path), "&lt;script&gt;alert(1)")
	}
}

func TestARulingIsRecordedOnceAndTheNextCaseOpens(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	first, second := o.reports("six fingers"), o.reports("no face")
	path := "/console/cases/" + string(first)
	form := url.Values{"outcome": {"approved"}, "key": {"k1"}, "note": {"seen"}}
	answer := o.posts(path+"/rule", form)
	require.Equal(t, http.StatusSeeOther, answer.Code, answer.Body)
	next := o.gets(answer.Header().Get("Location"))
	assert.Contains(t, next.Header().Get("Location"), "/console/cases/"+string(second))
	assert.Contains(t, next.Header().Get("Location"), "done="+string(first))
	ruling := o.CaseOf(first).Ruling
	assert.Equal(t, []string{"ann", "seen"}, []string{ruling.By, ruling.Note})
	assert.Equal(t, http.StatusSeeOther, o.posts(path+"/rule", form).Code, "sent twice, it rules once")
}

func TestARivalsRulingLosesNoTypedWord(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	path := "/console/cases/" + string(o.reports("six fingers")) + "/rule"
	require.Equal(t, http.StatusSeeOther, o.posts(path, url.Values{"outcome": {"approved"}, "key": {"k1"}}).Code)
	bob := o.as("bob", access.StaffRoleReviewer)
	answer := bob.posts(path, url.Values{"outcome": {"declined"}, "key": {"k2"}, "note": {"five fingers, I counted"}})
	assert.Equal(t, http.StatusConflict, answer.Code)
	assert.Contains(t, answer.Body.String(), "five fingers, I counted")
	assert.Contains(t, answer.Body.String(), "by <strong>ann</strong>")
}

func TestWhoMayNotRuleReadsAndIsRefused(t *testing.T) {
	o := opens(t, access.StaffRoleMoney)
	id := o.reports("six fingers")
	assert.NotContains(t, o.reads("/console/cases/"+string(id)), `value="approved"`)
	answer := o.posts("/console/cases/"+string(id)+"/rule", url.Values{"outcome": {"approved"}, "note": {"my words"}})
	assert.Equal(t, http.StatusForbidden, answer.Code)
	assert.Contains(t, answer.Body.String(), "my words")
	assert.Contains(t, answer.Body.String(), "reviewer or admin")
}

func TestAnotherAmountIsPreviewedBeforeItIsRuled(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	path := "/console/cases/" + string(o.reports("six fingers"))
	typed := url.Values{"amount": {"3"}, "in": {"credits"}, "note": {"half of it"}, "key": {"k1"}}
	answer := o.posts(path+"/preview", typed)
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	assert.Contains(t, answer.Body.String(), "36 credits → 39 credits")
	assert.Contains(t, answer.Body.String(), "half of it")
	typed.Set("amount", "5")
	assert.Contains(t, o.posts(path+"/preview", typed).Body.String(), "Not possible: ")
}

func TestARulingIsTakenBackByWhoGaveItWithinItsTime(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	path := "/console/cases/" + string(o.reports("six fingers"))
	form := url.Values{"outcome": {"approved"}, "key": {"k1"}}
	answer := o.posts(path+"/rule", form)
	require.Equal(t, http.StatusSeeOther, answer.Code, answer.Body)
	to := o.gets(answer.Header().Get("Location")).Header().Get("Location")
	assert.Contains(t, o.reads(to), "Take it back")
	assert.NotContains(t, o.as("bob", access.StaffRoleReviewer).reads(to), "Take it back")
	assert.Equal(t, http.StatusNotFound, o.as("bob", access.StaffRoleReviewer).posts(path+"/take-back", form).Code)
	assert.Equal(t, path, o.posts(path+"/take-back", form).Header().Get("Location"))
	assert.Contains(t, o.reads(path), `value="approved"`, "it waits again")

	form.Set("key", "k2")
	to = o.gets(o.posts(path+"/rule", form).Header().Get("Location")).Header().Get("Location")
	o.Pass(refund.TakeBackWindow)
	assert.NotContains(t, o.reads(to), "Take it back")
	assert.Equal(t, http.StatusConflict, o.posts(path+"/take-back", form).Code)
}

func TestOthersSeeWhoLooksAtACaseAndDecideItAllTheSame(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	path := "/console/cases/" + string(o.reports("six fingers"))
	require.Equal(t, path+"?kind=bad_result", o.posts(path+"/assign?kind=bad_result", nil).Header().Get("Location"))
	assert.Contains(t, o.reads(path), "Give it back")
	bob := o.as("bob", access.StaffRoleReviewer)
	assert.Contains(t, bob.reads(path), "ann looks at it, until 12:")
	assert.Equal(t, http.StatusConflict, bob.posts(path+"/assign", nil).Code)
	assert.Contains(t, bob.reads("/console/cases?assigned=others"), path)
	assert.NotContains(t, bob.reads("/console/cases?assigned=mine"), path)
	assert.Equal(t, "/console/cases", bob.gets("/console/cases/next").Header().Get("Location"), "there is nothing that nobody looks at")
	assert.Equal(t, http.StatusSeeOther, bob.posts(path+"/rule", url.Values{"outcome": {"declined"}, "key": {"k1"}}).Code)
}

func TestASkippedCaseIsBehindTheRestForWhoSkippedIt(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	first, second := string(o.reports("six fingers")), string(o.reports("no face"))
	blank := o.posts("/console/cases/"+first+"/skip", url.Values{"reason": {" "}})
	assert.Equal(t, http.StatusBadRequest, blank.Code)
	answer := o.posts("/console/cases/"+first+"/skip", url.Values{"reason": {"is a ring a finger?"}})
	assert.Equal(t, "/console/cases/"+second, o.gets(answer.Header().Get("Location")).Header().Get("Location"))
	text := o.reads("/console/cases")
	assert.Less(t, strings.Index(text, second), strings.Index(text, first))
	assert.Contains(t, o.reads("/console/cases/"+first), "is a ring a finger?")
	other := o.as("bob", access.StaffRoleReviewer).reads("/console/cases")
	assert.Less(t, strings.Index(other, first), strings.Index(other, second))
}
