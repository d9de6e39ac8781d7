package acceptance_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	rules "makegood/shared/policy"
)

// pageText returns the text of a published page without its spaces.
func pageText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(stack.Root(), "shared", "policy", "testdata", "texts", policy+".txt"))
	require.NoError(t, err)
	return strings.Join(strings.Fields(string(text)), " ")
}

func TestAnyoneReadsThePublishedPageClauseByClause(t *testing.T) {
	ends := map[string][2]string{
		"photoroom":  {"Learn how to get a refund on used AI credits for AI generations that are unusable.", "AI feature\nRefund on iOS\nRefund on Android\nRefund on Web App"},
		"goopter":    {"Last updated: February 13, 2026", "For any questions regarding this Refund Policy, please contact us at:\nGoopter Holdings Ltd (DBA: Goopter Commerce)\nEmail: help@shop.example\nPhone: (778) 875-8095\n7790 Royal Oak Ave, Burnaby, BC V5J 4K4"},
		"popcustoms": {"This policy applies to users utilizing AI-generated image services on this platform.", "5, for advanced users, you can bring your own keys into openrouter.\nopenrouter is using google AI studio and google vertext as providers of the Gemini 2.5 Flash Image Preview aka, nano banana.\nYou can get api key from google, and then paste into openrouter BYOK"},
	}
	underEach(t, func(t *testing.T) {
		hers := ask(t, "GET", "/v1/policy", token(t, unique("alice")), nil)
		require.Equal(t, 200, hers.status)
		require.Equal(t, asApp(t, "GET", "/v1/policy", nil, 200), hers.body)
		rest, last := pageText(t), ""
		require.Contains(t, rest, hers.body["title"])
		var published []object
		for _, c := range hers.body["clauses"].([]any) {
			if clause := c.(object); clause["ours"] == false {
				published = append(published, clause)
			}
		}
		require.Equal(t, ends[policy][0], published[0]["text"])
		require.Equal(t, ends[policy][1], published[len(published)-1]["text"])
		for _, clause := range published {
			id, heading := clause["id"].(string), ""
			if clause["heading"] != nil {
				heading = clause["heading"].(string)
			}
			for _, part := range append([]string{heading}, strings.Split(clause["text"].(string), "\n")...) {
				part = strings.ReplaceAll(part, contactEmail, rules.HiddenEmail)
				if clause["table"] == "packages" {
					part = strings.ReplaceAll(part, " ", "") // its cells run together in the text
				}
				_, after, found := strings.Cut(rest, part)
				require.True(t, found, "%s: %q after %q", id, part, last)
				rest, last = after, part
			}
			require.Equal(t, clause["binds"] == nil, clause["decides"] != nil, id)
		}
	})
}

func TestWhoToWriteToHowSoonAndUntilWhenAreInThePolicy(t *testing.T) {
	want := map[string]object{
		"photoroom": {
			"contact": object{}, "response": object{"calendar": "weekdays"}, "windows": object{"report": "24h", "appeal": "336h"},
			"surfaces": object{"editor": true, "batch": false, "catalog": false},
		},
		"goopter": {
			"contact": object{
				"name": "Goopter Holdings Ltd (DBA: Goopter Commerce)", "email": contactEmail, "phone": "(778) 875-8095",
				"address": "7790 Royal Oak Ave, Burnaby, BC V5J 4K4",
			},
			"response": object{
				"calendar": "weekdays", "respond_days": object{"from": 3.0, "to": 5.0, "aim": true}, "pay_days": object{"from": 5.0, "to": 10.0, "aim": false},
			},
			"windows": object{"purchase": "720h", "appeal": "336h"}, "surfaces": object{"editor": true, "batch": true, "catalog": true},
		},
		"popcustoms": {
			"contact": object{}, "response": object{"calendar": "weekdays", "respond_days": object{"from": 1.0, "to": 3.0, "aim": false}},
			"windows": object{"report": "24h", "appeal": "336h"}, "surfaces": object{"editor": true, "batch": true, "catalog": true},
		},
	}
	reportable := map[string]int{"photoroom": 37, "goopter": 6, "popcustoms": 9}
	underEach(t, func(t *testing.T) {
		shown, cells := asApp(t, "GET", "/v1/policy", nil, 200), 0
		for part, value := range want[policy] {
			require.Equal(t, value, shown[part], part)
		}
		for _, feature := range shown["features"].([]any) {
			for _, yes := range feature.(object)["reportable"].(object) {
				if yes == true {
					cells++
				}
			}
		}
		require.Equal(t, reportable[policy], cells)
		require.Contains(t, shown["notices"], object{
			"outcome": "in_review", "name": "in_review", "money": false, "words": map[string]string{
				"photoroom":  "We've received your request and will let you know.",
				"goopter":    "We've received your request and aim to answer by {by}.",
				"popcustoms": "We've received your request and will answer by {by}.",
			}[policy],
		})
	})
}

func TestATemplateThatThePageDoesNotNameIsSoldAndPutRightButABadResultOfItIsNotCovered(t *testing.T) {
	under(t, "popcustoms")
	alice := customer(t, 2*shops[policy].price)
	for _, evening := range []object{success(), late()} {
		caseID := reported(t, alice, object{"feature": "product-scene"}, evening, object{"issue": "distortion"})
		decided(t, caseID, "declined", "P1")
		require.Equal(t, "This template isn't covered by the AI Mockups Refund Policy.", sentence(t, alice, caseID))
	}
	bob := customer(t, shops[policy].price)
	decided(t, failed(t, start(t, bob, object{"feature": "product-scene"}), failure("platform")), "approved", "P3.6")
	wantBalance(t, bob, balance{available: float64(shops[policy].price)})
}

func TestMoneyIsPromisedWithinTheDaysThatThePageNames(t *testing.T) {
	under(t, "goopter")
	alice := unique("alice")
	purchase(t, alice, time.Now())
	second := purchase(t, alice, time.Now())
	asked := time.Now()
	caseID := request(t, "duplicate_charge", alice, second)
	shown := decided(t, caseID, "closed", "G2.2")["decision"].(object)
	by, err := time.Parse(time.RFC3339, shown["pay_by"].(string))
	require.NoError(t, err)
	require.Contains(t, []int{businessDays(asked.UTC(), by), businessDays(time.Now().UTC(), by)}, 10, "the day may turn meanwhile")
	require.Equal(t, object{"from": 5.0, "to": 10.0, "aim": false}, asApp(t, "GET", "/v1/policy", nil, 200)["response"].(object)["pay_days"])
}

// businessDays counts the days from Monday to Friday after one instant, up to another, both in
// whole milliseconds.
func businessDays(after, until time.Time) (days int) {
	for day := after.Truncate(time.Millisecond).AddDate(0, 0, 1); !day.After(until); day = day.AddDate(0, 0, 1) {
		if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
			days++
		}
	}
	return days
}

func TestAnAnswerComesWithinTheDaysThatThePageNamesAndIsAimedAtWhereThePageAims(t *testing.T) {
	days := map[string]int{"goopter": 5, "popcustoms": 3}
	words := map[string]string{
		"goopter":    `^We're reviewing this charge and aim to reply by [A-Z][a-z]+ \d+, 20\d\d\.$`,
		"popcustoms": `^We've received your report and will review it by [A-Z][a-z]+ \d+, 20\d\d\.$`,
		"photoroom":  `^Thanks for your report\. We're reviewing this result and will let you know\.$`,
	}
	underEach(t, func(t *testing.T) {
		alice := customer(t, shops[policy].price)
		asked := time.Now()
		var caseID string
		if policy == "goopter" {
			caseID = request(t, "duplicate_charge", alice, purchase(t, alice, time.Now()))
		} else {
			caseID = reported(t, alice, nil, success(), nil)
		}
		require.Regexp(t, words[policy], sentence(t, alice, caseID))
		shown := asApp(t, "GET", "/v1/cases/"+caseID, nil, 200)["decision"].(object)
		response := asApp(t, "GET", "/v1/policy", nil, 200)["response"].(object)
		if policy == "photoroom" {
			require.NotContains(t, shown, "respond_by")
			require.NotContains(t, response, "respond_days")
			return
		}
		by, err := time.Parse(time.RFC3339, shown["respond_by"].(string))
		require.NoError(t, err)
		require.Equal(t, float64(days[policy]), response["respond_days"].(object)["to"])
		require.Contains(t, []int{businessDays(asked.UTC(), by), businessDays(time.Now().UTC(), by)}, days[policy], "the day may turn meanwhile")
	})
}
