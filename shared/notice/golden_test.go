package notice_test

import (
	"testing"

	"makegood/shared/golden"
	"makegood/shared/ledger"
	"makegood/shared/notice"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// TestEveryNoticeIsAsItsGoldenBodyHasIt freezes what is posted to the app's server.
func TestEveryNoticeIsAsItsGoldenBodyHasIt(t *testing.T) {
	balance := notice.Balance{Available: 16, Owed: 3}
	const at = "2026-03-01T12:00:00.000Z"
	bodies := map[string]any{
		"case": notice.Posted{Type: refund.MessageDecided, Timestamp: at, Data: notice.Data{
			Case: golden.CaseID("full"), Kind: policy.KindBadResult, Customer: golden.Bob, Generation: "gen_1", Payment: "pi_1",
			Outcome: policy.OutcomeApproved, Clause: "P5.3", Reason: "It is not as it should be.", Notice: "refunded", Words: "Your credits are back.",
			Remedy: policy.InCredits(4), Balance: balance,
		}},
		"money": notice.Data{Remedy: golden.MoneyRemedy()},
		"offer": notice.OfferPosted{Type: notice.TypeOffered, Timestamp: at, Data: notice.OfferData{
			Offer: outage.OfferID("off_1"), Customer: golden.Bob, Payment: payment.ID("pi_1"), Outage: outage.ID("out_1"),
			StartedAt: at, EndedAt: at, Remedy: *golden.MoneyRemedy(), ClaimUntil: at, Words: "You can claim it.", Balance: balance,
		}},
		"partial": notice.PartialPosted{Type: notice.TypePartial, Timestamp: at, Data: notice.PartialData{
			Generation: "gen_1", Customer: golden.Alice, Reference: "job-17", Outputs: 4, Came: 1, Charged: 4, Released: 12,
			Words: "1 of 4 results came.", Balance: balance,
		}},
		"standing": notice.StandingPosted{Type: notice.TypeStanding, Timestamp: at, Data: notice.StandingData{
			Customer: golden.Bob, Standing: ledger.StandingRestricted, Words: "You can do less.", Balance: balance,
		}},
	}
	golden.Complete(t, bodies)
	golden.Equal(t, "testdata/notices.golden.json", bodies)
}
