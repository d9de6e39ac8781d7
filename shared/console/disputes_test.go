package console_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/dispute"
	"makegood/shared/due"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
	"makegood/shared/todo"
)

// disputes has a bank dispute a payment, with so much time to answer; 0 where nobody says.
func (o office) disputes(id payment.ID, status payment.DisputeStatus, within time.Duration) {
	facts := o.Disputed(id, "dp_"+string(id), 500, status)
	facts.Dispute.Reason = hostile
	if within > 0 {
		facts.Dispute.DueBy = o.Now.Add(within)
	}
	o.Receives(facts)
}

func TestADisputeIsListedUntilItEndsAndIsRedBeforeItsTimeIsUp(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	const day = 24 * time.Hour
	for _, id := range []payment.ID{"pi_calm", "pi_soon", "pi_untold"} {
		o.Receives(o.Paid(id, "alice"))
	}
	o.disputes("pi_calm", payment.DisputeOpen, 9*day)
	o.disputes("pi_soon", payment.DisputeInquiryOpen, 3*day-time.Minute)
	o.disputes("pi_untold", payment.DisputeOpen, 0)
	text := o.reads("/console/payments?list=disputed")
	untold, soon, calm := strings.Index(text, "dp_pi_untold"), strings.Index(text, "dp_pi_soon"), strings.Index(text, "dp_pi_calm")
	assert.True(t, 0 < untold && untold < soon && soon < calm, "%d %d %d", untold, soon, calm)
	assert.Contains(t, text[untold:soon], "Not told by the provider")
	assert.Contains(t, text[soon:calm], `<span class="late">2 d 23 h left</span>`)
	assert.Contains(t, text[calm:], `<span class="fine">9 d 0 h left</span>`)
	assert.NotContains(t, text, "<script>alert")
	assert.Contains(t, o.reads("/console/payments/pi_soon"), "/console/payments/pi_soon/evidence")

	o.disputes("pi_soon", payment.DisputeInquiryReview, 0)
	o.disputes("pi_calm", payment.DisputeWon, 0)
	text = o.reads("/console/payments?list=disputed")
	assert.NotContains(t, text, "dp_pi_soon")
	assert.NotContains(t, text, "dp_pi_calm")
	text = o.reads("/console/payments?list=contested")
	assert.Contains(t, text, "dp_pi_soon")
	assert.NotContains(t, text, "dp_pi_calm")
}

func TestTheEvidenceOfADisputeSaysWhatIsReadyAndIsDownloadedAsItIsShown(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	o.Receives(o.Paid("pi_1", "alice"))
	o.Generated("alice", 1)
	o.disputes("pi_1", payment.DisputeOpen, time.Hour)
	text := o.reads("/console/payments/pi_1/evidence")
	assert.Contains(t, text, "5 of 14 fields are ready.")
	assert.Contains(t, text, "No refund of it was refused.")
	assert.Contains(t, text, "The ledger does not hold it")
	assert.NotContains(t, text, "<script>alert")

	record := o.gets("/console/payments/pi_1/evidence?file=json")
	require.Equal(t, http.StatusOK, record.Code)
	assert.Equal(t, `attachment; filename="evidence.json"`, record.Header().Get("Content-Disposition"))
	var evidence dispute.Evidence
	require.NoError(t, json.Unmarshal(record.Body.Bytes(), &evidence))
	assert.Equal(t, "pi_1", evidence.Detail.Payment)
	require.Len(t, evidence.Detail.Use, 1)
	assert.Contains(t, text, html.EscapeString(evidence.ServiceDate))
	paper := o.gets("/console/payments/pi_1/evidence?file=html")
	assert.Equal(t, `attachment; filename="evidence.html"`, paper.Header().Get("Content-Disposition"))
	assert.Contains(t, paper.Body.String(), "<h1>Payment pi_1</h1>")
	assert.NotContains(t, paper.Body.String(), "<script>alert")
	for _, ending := range []string{"", "?file=json", "?file=html"} {
		assert.Equal(t, http.StatusNotFound, o.gets("/console/payments/pi_none/evidence"+ending).Code)
	}
}

func TestAPaymentWhoseRefundFailedIsListed(t *testing.T) {
	o := opens(t, access.StaffRoleMoney)
	o.Receives(o.Paid("pi_refused", "alice"))
	opened, err := o.Claimer().File(t.Context(), refund.Request{
		Kind: policy.KindAbnormalCharge, Customer: "alice", Payment: "pi_refused", Principal: "app", Key: o.Key(), Actor: "app",
		Claim: refund.Claim{Email: "a@example.com", PaidAt: o.Now, Amount: money.Amount{Currency: "USD", Minor: 500}, Reason: "never mine"},
	}, o.Now)
	require.NoError(t, err)
	o.Deliver()
	o.Provider.Has(storetest.FaultRefusal)
	_, err = o.Reviewer().Rule(t.Context(), opened.Case, refund.RulingOrder{
		Ruling: policy.Ruling{Outcome: policy.OutcomeApproved, Remedy: policy.InMoney(money.Amount{Currency: "USD", Minor: 500})},
		Note:   "so it is", By: "ann", Principal: "staff:ann", Key: o.Key(),
	}, o.Now)
	require.NoError(t, err)
	o.Drain()
	assert.Contains(t, o.reads("/console/payments?list=failed"), "/console/payments/pi_refused")
	assert.Contains(t, o.reads("/console/payments/pi_refused"), `<span class="late">failed</span>`)
}

func TestWhatIsStuckIsRetriedAndThenDone(t *testing.T) {
	o := opens(t, access.StaffRoleMoney)
	o.Grants("erin", 4)
	id := o.Starts("erin", 1)
	for range 3 * due.MaxAttempts {
		o.Pass(2 * time.Hour)
		o.Sweep()
		o.Lose()
	}
	o = o.as("ann", access.StaffRoleMoney) // the session has ended meanwhile
	assert.Contains(t, o.reads("/console/stuck"), string(id))
	form := url.Values{"kind": {string(todo.KindGeneration)}, "id": {string(id)}}
	assert.Equal(t, http.StatusForbidden, o.as("bob", access.StaffRoleReviewer).posts("/console/stuck", form).Code)
	for range 2 { // a double click lets it be due once
		done := o.posts("/console/stuck", form)
		require.Equal(t, http.StatusSeeOther, done.Code, done.Body)
		assert.Contains(t, o.reads(done.Header().Get("Location")), string(id))
	}
	assert.NotContains(t, o.reads("/console/stuck"), string(id))
	o.Sweep()
	o.Deliver()
	o.WantAvailable("erin", 4)
}
