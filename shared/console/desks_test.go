package console_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/console"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

var keyField = regexp.MustCompile(`name="key" value="([^"]+)"`)

// keyOf returns the key of a page's form.
func keyOf(t *testing.T, page string) string {
	t.Helper()
	match := keyField.FindStringSubmatch(page)
	require.NotNil(t, match)
	return match[1]
}

// parks has a payment come that names nobody.
func (o office) parks(id payment.ID) {
	o.Receives(o.Paid(id, ""))
}

func TestOneBoxFindsWhateverHasAnIDOrAnAddress(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	id := o.reports("six fingers")
	_, err := o.Claimer().File(t.Context(), refund.Request{
		Kind: policy.KindNotCredited, Customer: "carol", Principal: "app", Key: o.Key(), Actor: ledger.ActorApp,
		Claim: refund.Claim{Email: "carol@example.com", PaidAt: o.Now, Amount: o.At(o.Now).Packages()[0].Price, Reason: "nothing came"},
	}, o.Now)
	require.NoError(t, err)
	for query, path := range map[string]string{string(id): "/console/cases/" + string(id), "alice": "/console/customers/alice"} {
		answer := o.posts("/console/find", url.Values{"q": {query}})
		assert.Equal(t, []any{http.StatusSeeOther, path}, []any{answer.Code, answer.Header().Get("Location")})
	}
	many := o.posts("/console/find", url.Values{"q": {"Carol@example.com"}})
	require.Equal(t, http.StatusOK, many.Code)
	assert.Contains(t, many.Body.String(), "/console/customers/carol")
	assert.Contains(t, many.Body.String(), "/console/cases/cas_")
	assert.Contains(t, o.posts("/console/find", url.Values{"q": {"nobody"}}).Body.String(), "Nothing has that id")
	assert.Equal(t, http.StatusBadRequest, o.posts("/console/find", url.Values{"q": {""}}).Code)
	text := o.posts("/console/find", url.Values{"q": {hostile}}).Body.String()
	assert.NotContains(t, text, "<script>alert")
}

// reading counts what the console's searches and lists read.
type reading struct {
	console.Store
	addressed, waiting int
}

func (r *reading) FindAddressed(ctx context.Context, mark refund.AddressMark, limit int) ([]refund.Addressed, error) {
	r.addressed++
	return r.Store.FindAddressed(ctx, mark, limit)
}

func (r *reading) ListReview(ctx context.Context, after *refund.ReviewPosition, limit int) ([]refund.Case, bool, error) {
	r.waiting += limit
	return r.Store.ListReview(ctx, after, limit)
}

// counts has the console count what it reads from here on.
func (o *office) counts() *reading {
	photoroom, err := policy.Open("photoroom")
	require.NoError(o.t, err)
	c := consoleOf(o.World, photoroom)
	r := &reading{Store: o.Store}
	c.Store = r
	o.handler = c.Handler()
	return r
}

func TestASearchIsMadeOnceWhateverItFinds(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	read := o.counts()
	require.Equal(t, http.StatusOK, o.posts("/console/find", url.Values{"q": {"nobody@example.com"}}).Code)
	assert.Equal(t, 1, read.addressed)
}

func TestTheNextCaseIsFoundWithoutTheWholeQueue(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	first := o.reports("six fingers")
	for range 25 {
		o.Pass(time.Minute)
		o.reports("seven")
	}
	read := o.counts()
	assert.Equal(t, "/console/cases/"+string(first), o.gets("/console/cases/next").Header().Get("Location"))
	assert.Equal(t, 20, read.waiting, "one part of it")
	skipped := o.posts("/console/cases/"+string(first)+"/skip", url.Values{"reason": {"unsure"}}).Header().Get("Location")
	next := o.gets(skipped).Header().Get("Location")
	assert.NotContains(t, next, first)
	assert.Equal(t, 40, read.waiting)
	assert.Equal(t, strings.Split(next, "?")[0], o.gets("/console/cases/next").Header().Get("Location"), "what is skipped comes last")
	assert.Equal(t, strings.Split(next, "?")[0]+"?order=opened", o.gets("/console/cases/next?order=opened").Header().Get("Location"), "what is skipped comes last in any order")
}

func TestWhoeverSkipsTheOnlyCaseIsNotLedBackToIt(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	only := o.reports("six fingers")
	skipped := o.posts("/console/cases/"+string(only)+"/skip", url.Values{"reason": {"unsure"}})
	require.Equal(t, http.StatusSeeOther, skipped.Code)
	assert.Equal(t, "/console/cases", o.gets(skipped.Header().Get("Location")).Header().Get("Location"))
}

func TestAParkedPaymentIsResolvedAfterItsPreview(t *testing.T) {
	o := opens(t, access.StaffRoleMoney)
	o.parks("pi_parked")
	assert.Contains(t, o.reads("/console/payments"), "pi_parked")
	text := o.reads("/console/payments/pi_parked")
	assert.Contains(t, text, "Grant the credits: not possible", "nobody is named")
	assert.Contains(t, text, "goes back")
	form := url.Values{
		"key": {keyOf(t, text)}, "waits": {string(payment.ReasonNoCustomer)}, "action": {"grant"}, "customer": {"alice"}, "note": {"she sent her receipt " + hostile},
	}
	preview := o.posts("/console/payments/pi_parked/preview", form)
	require.Equal(t, http.StatusOK, preview.Code)
	assert.Contains(t, preview.Body.String(), "Then granted")
	assert.NotContains(t, preview.Body.String(), "<script>alert")
	assert.Equal(t, payment.ReasonNoCustomer, o.PaymentOf("pi_parked").Waits(), "a preview writes nothing")
	for range 2 { // a form that is sent twice resolves once
		done := o.posts("/console/payments/pi_parked/resolve", form)
		require.Equal(t, http.StatusSeeOther, done.Code, done.Body)
	}
	after := o.PaymentOf("pi_parked")
	assert.Equal(t, payment.StateGranted, after.State)
	require.Len(t, after.Resolutions, 1)
	assert.Equal(t, "ann", after.Resolutions[0].By)
	text = o.reads("/console/payments/pi_parked")
	assert.NotContains(t, text, "<script>alert")
	assert.Contains(t, o.reads("/console/customers/alice"), "/console/payments/pi_parked")
}

func TestARefusedResolutionKeepsItsWordsAndAReviewerMayNot(t *testing.T) {
	o := opens(t, access.StaffRoleMoney)
	o.parks("pi_parked")
	refused := o.posts("/console/payments/pi_parked/resolve", url.Values{
		"key": {"k"}, "waits": {"unpaid"}, "action": {"ignore"}, "note": {"a long explanation"},
	})
	assert.Equal(t, http.StatusConflict, refused.Code)
	assert.Contains(t, refused.Body.String(), "a long explanation")
	reviewer := o.as("bob", access.StaffRoleReviewer)
	assert.NotContains(t, reviewer.reads("/console/payments/pi_parked"), "Leave it as it is")
	for path, form := range map[string]url.Values{
		"/console/payments/pi_parked/resolve": {}, "/console/stuck": {}, "/console/outages": {}, "/console/customers/alice/standing": {},
	} {
		assert.Equal(t, http.StatusForbidden, reviewer.posts(path, form).Code, path)
	}
}

func TestAnAppealIsDecidedWithoutTheFirstRuling(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	assert.Contains(t, o.reads("/console/appeals"), "No appeal waits.")
	id := o.reports("six fingers")
	_, err := o.Reviewer().Rule(t.Context(), id, refund.RulingOrder{
		Ruling: policy.Ruling{Outcome: policy.OutcomeDeclined}, Note: "the first reason", By: "bob", Principal: "staff:bob", Key: o.Key(),
	}, o.Now)
	require.NoError(t, err)
	o.Deliver()
	_, err = o.Appealer().Appeal(t.Context(), id, refund.AppealOrder{
		Words: "look again", Actor: ledger.ActorCustomer, Principal: "customer:alice", Key: o.Key(), See: func(ledger.CustomerID) error { return nil },
	}, o.Now)
	require.NoError(t, err)
	assert.Contains(t, o.reads("/console/appeals"), "/console/cases/"+string(id))
	assert.Contains(t, o.reads("/console/appeals"), "<td>recolor</td>")
	assert.Contains(t, o.as("bob", access.StaffRoleReviewer).reads("/console/appeals"), "you ruled first")
	for _, path := range []string{"/console/appeals", "/console/cases", "/console/cases/" + string(id)} {
		assert.NotContains(t, o.reads(path), "the first reason", path)
	}
}

func TestACustomersPageHasAllInOneColumnAndSetsTheirStanding(t *testing.T) {
	o := opens(t, access.StaffRoleAdmin)
	id := o.reports("six fingers")
	text := o.reads("/console/customers/alice")
	assert.Contains(t, text, "/console/cases/"+string(id))
	assert.Contains(t, text, "/console/generations/gen_")
	assert.Contains(t, text, "36 credits")
	refused := o.posts("/console/customers/alice/standing", url.Values{"standing": {"restricted"}, "note": {""}})
	assert.Equal(t, http.StatusBadRequest, refused.Code)
	done := o.posts("/console/customers/alice/standing", url.Values{"standing": {"restricted"}, "note": {hostile}})
	require.Equal(t, http.StatusSeeOther, done.Code)
	text = o.reads("/console/customers/alice")
	assert.Contains(t, text, "restricted, ann")
	assert.NotContains(t, text, "<script>alert")
	assert.Contains(t, o.reads("/console/customers/nobody"), "Nothing happened yet.")
	assert.Contains(t, o.reads("/console/customers/nobody"), "makegood forget nobody<")
	assert.Contains(t, o.reads("/console/customers/a%7Cb%24c"), "makegood forget &#39;a|b$c&#39;<")
	assert.Contains(t, o.reads("/console/customers"), "Nobody here is near a limit.")
}

func TestAnOutageIsDeclaredSeenAndOffered(t *testing.T) {
	o := opens(t, access.StaffRoleMoney)
	text := o.reads("/console/outages")
	form := url.Values{"key": {keyOf(t, text)}, "started_at": {o.Now.Add(-2 * time.Hour).Format("2006-01-02T15:04")}, "ended_at": {"yesterday"}, "prevented_use": {"yes"}, "confirm": {"no"}}
	refused := o.posts("/console/outages", form)
	assert.Equal(t, http.StatusBadRequest, refused.Code)
	assert.Contains(t, refused.Body.String(), form.Get("started_at"))
	form.Set("ended_at", o.Now.Add(-time.Hour).Format("2006-01-02T15:04"))
	declared := o.posts("/console/outages", form)
	require.Equal(t, http.StatusSeeOther, declared.Code, declared.Body)
	path := declared.Header().Get("Location")
	assert.Contains(t, o.reads(path), "What a run would give")
	require.Equal(t, http.StatusSeeOther, o.posts(path+"/run", url.Values{"give": {""}}).Code)
	assert.Contains(t, o.reads(path), "The run")
	assert.Contains(t, o.reads("/console/outages"), path)
	assert.Equal(t, http.StatusConflict, o.posts(path+"/withdraw", nil).Code)
}

func TestWhatIsNotStuckIsNotRetried(t *testing.T) {
	o := opens(t, access.StaffRoleMoney)
	assert.Contains(t, o.reads("/console/stuck"), "Nothing is stuck.")
	answer := o.posts("/console/stuck", url.Values{"kind": {string(todo.KindCase)}, "id": {"cas_none"}})
	assert.Equal(t, http.StatusNotFound, answer.Code)
	assert.Equal(t, http.StatusBadRequest, o.gets("/console/payments?list=all").Code)
	assert.Contains(t, o.reads("/console/payments?list=failed"), "No payment is in this list.")
}
