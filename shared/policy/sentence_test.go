package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/shared/policy"
)

// sentences returns every English sentence of a policy that a customer may read, with its
// placeholders.
func sentences(rev policy.Revision) []string {
	var all []string
	for _, kind := range policy.AllKinds {
		for _, rule := range rev.Rules(kind) {
			all = append(all, rule.Reason)
		}
		for _, outcome := range []policy.Outcome{yes, no, review} {
			all = append(all, rev.Notice(kind, outcome).Words)
		}
	}
	for _, clause := range rev.Clauses() {
		for _, outcome := range []policy.Outcome{yes, no, review} {
			all = append(all, clause.Reason(outcome), clause.Ruled(outcome))
		}
	}
	return append(all, rev.MoneyNotice().Words, rev.OfferNotice().Words)
}

func TestASentenceSpeaksAsWeDoToACustomer(t *testing.T) {
	for name := range tables {
		for _, sentence := range sentences(shipped(t, name)) {
			assert.NotRegexp(t, `(?i)a person|given back|\basked\b|granted|recognis|cancell|unusual|suspicious|abuse|no rule`, sentence, name)
			assert.NotRegexp(t, `, or .*, or `, sentence, "%s: one reason, not three alternatives", name)
		}
	}
}

func TestWhatAPageAimsAtIsNotPromised(t *testing.T) {
	for _, sentence := range sentences(shipped(t, "goopter")) {
		assert.NotRegexp(t, `will (answer|reply)`, sentence)
		if strings.Contains(sentence, "{by}") && !strings.Contains(sentence, "{amount}") {
			assert.Regexp(t, `aim to (answer|reply) by`, sentence)
		}
	}
}

func TestWhereBalancesAreMoneyNoSentenceSpeaksOfCredits(t *testing.T) {
	for _, sentence := range sentences(shipped(t, "popcustoms")) {
		assert.NotContains(t, strings.ReplaceAll(sentence, "{credits}", ""), "credit")
	}
}

func TestNobodyStoppedByTheSafetyFilterIsToldOfTheUpload(t *testing.T) {
	for name := range tables {
		told := map[string]bool{}
		for _, c := range casesOf(t) {
			if c.Facts.Policy != name || c.Facts.Kind != policy.KindTechnicalFailure || c.Facts.Generation.Failure.Cause != "safety" {
				continue
			}
			d := decide(t, c.Facts)
			told[d.Reason] = true
			assert.NotRegexp(t, `(?i)upload|input`, d.Reason)
			assert.Contains(t, d.Reason, "safety filter")
		}
		assert.NotEmpty(t, told, name)
	}
}

func TestARefusalAfterARefusedRefundSaysNothingOfTheCharge(t *testing.T) {
	for _, name := range []string{"goopter", "popcustoms"} {
		for _, clause := range shipped(t, name).Clauses() {
			assert.NotRegexp(t, `found|isn't covered|nothing`, clause.Ruled(no), "%s %s", name, clause.ID)
		}
	}
}
