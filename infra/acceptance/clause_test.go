package acceptance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// policies are the published ones.
var policies = []string{"photoroom", "goopter", "popcustoms"}

// underEach runs the test with each policy.
func underEach(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	for _, name := range policies {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			test(t)
		})
	}
}

// late is a success whose worker finished 25 hours ago: finished_at is the app's word.
func late() object { return with(success(), object{"finished_at": ago(25 * time.Hour)}) }

// question is a way to come to a case, asked by a customer who can pay for two pictures.
type question struct {
	asked string
	ask   func(t *testing.T, customer string) (caseID string)
	want  map[string]string // by policy: state and clause
}

// reported makes a picture, ended as result says, and reports it.
func reported(t *testing.T, customer string, ordered, result, said object) string {
	t.Helper()
	id := start(t, customer, ordered)
	finish(t, id, result)
	becomes(t, id, "captured")
	return report(t, id, said)
}

// failed has a generation fail and returns its case.
func failed(t *testing.T, id string, result object) string {
	t.Helper()
	finish(t, id, result)
	soon(t, "the failure is decided", func() bool { return generation(t, id)["case"] != nil })
	return generation(t, id)["case"].(string)
}

var questions = []question{
	{"a failure of the platform", func(t *testing.T, alice string) string { return failed(t, start(t, alice), failure("platform")) }, map[string]string{
		"photoroom": "approved R1", "goopter": "approved G2.4", "popcustoms": "approved P3.6",
	}},
	{"a third failure of the platform", func(t *testing.T, alice string) string {
		return failed(t, start(t, alice), with(failure("platform"), object{"failed_attempts": 3}))
	}, map[string]string{"photoroom": "approved R1", "goopter": "approved G2.4", "popcustoms": "approved P3.5"}},
	{"a failure of the input", func(t *testing.T, alice string) string { return failed(t, start(t, alice), failure("input")) }, map[string]string{
		"photoroom": "declined R1", "goopter": "declined G2.4", "popcustoms": "declined P4.1",
	}},
	{"a generation that was cancelled", func(t *testing.T, alice string) string {
		return failed(t, start(t, alice), failure("cancelled"))
	}, map[string]string{"photoroom": "declined R1", "goopter": "declined G2.4", "popcustoms": "declined P3.6"}},
	{"a generation that the safety filter stopped", func(t *testing.T, alice string) string {
		return failed(t, start(t, alice), failure("safety"))
	}, map[string]string{"photoroom": "declined R1", "goopter": "declined G2.4", "popcustoms": "approved P3.6"}},
	{"a failure in free mode", func(t *testing.T, alice string) string {
		return failed(t, start(t, alice, object{"mode": "free"}), failure("platform"))
	}, map[string]string{"photoroom": "declined X2", "goopter": "declined X2", "popcustoms": "declined P4.4"}},
	{"a failure of a restricted customer", func(t *testing.T, alice string) string {
		id := start(t, alice)
		stand(t, alice, "restricted")
		return failed(t, id, failure("platform"))
	}, map[string]string{"photoroom": "approved R1", "goopter": "approved G2.4", "popcustoms": "approved P3.6"}},
	{"a failure of a terminated customer", func(t *testing.T, alice string) string {
		id := start(t, alice)
		stand(t, alice, "terminated")
		return failed(t, id, failure("platform"))
	}, map[string]string{"photoroom": "approved R1", "goopter": "declined G3.4", "popcustoms": "approved P3.6"}},

	{"a report in time", func(t *testing.T, alice string) string { return reported(t, alice, nil, success(), nil) }, map[string]string{
		"photoroom": "in_review R8", "goopter": "declined G3.2", "popcustoms": "in_review P5.3",
	}},
	{"a report at the last minute", func(t *testing.T, alice string) string {
		return reported(t, alice, nil, with(success(), object{"finished_at": ago(24*time.Hour - time.Minute)}), nil)
	}, map[string]string{"photoroom": "in_review R8", "goopter": "declined G3.2", "popcustoms": "in_review P5.3"}},
	{"a late report", func(t *testing.T, alice string) string { return reported(t, alice, nil, late(), nil) }, map[string]string{
		"photoroom": "declined R7", "goopter": "declined G3.2", "popcustoms": "declined P5.1",
	}},
	{"a report of the batch editor", func(t *testing.T, alice string) string {
		return reported(t, alice, object{"surface": "batch"}, success(), nil)
	}, map[string]string{"photoroom": "declined R12", "goopter": "declined G3.2", "popcustoms": "in_review P5.3"}},
	{"a late report of the batch editor", func(t *testing.T, alice string) string {
		return reported(t, alice, object{"surface": "batch"}, late(), nil)
	}, map[string]string{"photoroom": "declined R7", "goopter": "declined G3.2", "popcustoms": "declined P5.1"}},
	{"a report of the catalog editor", func(t *testing.T, alice string) string {
		return reported(t, alice, object{"surface": "catalog"}, success(), nil)
	}, map[string]string{"photoroom": "declined R12", "goopter": "declined G3.2", "popcustoms": "in_review P5.3"}},
	{"a report in free mode", func(t *testing.T, alice string) string {
		return reported(t, alice, object{"mode": "free"}, success(), nil)
	}, map[string]string{"photoroom": "declined X2", "goopter": "declined G3.2", "popcustoms": "declined P4.4"}},
	{"a report about taste", func(t *testing.T, alice string) string {
		return reported(t, alice, nil, success(), object{"issue": "taste"})
	}, map[string]string{"photoroom": "in_review R8", "goopter": "declined G3.2", "popcustoms": "declined P4.2"}},
	{"a report of what is sold already", func(t *testing.T, alice string) string {
		return reported(t, alice, nil, success(), object{"usage": object{"commercial_use": true}})
	}, map[string]string{"photoroom": "in_review R8", "goopter": "declined G3.2", "popcustoms": "declined P4.5"}},
	{"a report of a restricted customer", func(t *testing.T, alice string) string {
		id := picture(t, alice)
		stand(t, alice, "restricted")
		return report(t, id)
	}, map[string]string{"photoroom": "declined R10", "goopter": "declined G3.2", "popcustoms": "declined P6.2"}},
	{"a report of a terminated customer", func(t *testing.T, alice string) string {
		id := picture(t, alice)
		stand(t, alice, "terminated")
		return report(t, id)
	}, map[string]string{"photoroom": "declined R10", "goopter": "declined G3.4", "popcustoms": "declined P6.2"}},
}

func TestEveryAnswerNamesItsClauseWithEachPolicy(t *testing.T) {
	underEach(t, func(t *testing.T) {
		price, notices := shops[policy].price, map[string]string{"approved": "refunded", "in_review": "in_review", "declined": "not_refunded"}
		if policy == "photoroom" {
			notices["declined"] = "thanks_for_feedback"
		}
		noticeOf := func(state, kind string) string {
			if state == "declined" && kind == "technical_failure" {
				return "not_refunded"
			}
			return notices[state]
		}
		for _, question := range questions {
			t.Run(question.asked, func(t *testing.T) {
				t.Parallel()
				alice := customer(t, 2*price)
				caseID := question.ask(t, alice)
				state, clause, _ := strings.Cut(question.want[policy], " ")
				require.Equal(t, question.want[policy], answered(t, caseID))
				found := decided(t, caseID, state, clause)
				notice := noticeOf(state, found["kind"].(string))
				require.Equal(t, notice, found["notice"])
				soon(t, "the app is told once", func() bool { return told(t, caseID, notice) == 1 })

				decision := found["decision"].(object)
				left := 2*price - price
				if state == "approved" {
					left = 2 * price
					require.Equal(t, object{"credits": float64(price), "to": "balance"}, decision["remedy"])
				} else {
					require.Nil(t, decision["remedy"])
				}
				if strings.Contains(question.asked, "free mode") {
					left = 2 * price
				}
				wantBalance(t, alice, balance{available: float64(left)})

				hers := ask(t, "GET", "/v1/cases/"+caseID, token(t, alice), nil)
				require.Equal(t, 200, hers.status)
				require.Equal(t, decision, hers.body["decision"], "whoever asks is told the reason in words")
			})
		}
	})
}

func TestAReportOfWhatIsNotReportableOnItsPlatformIsDeclined(t *testing.T) {
	for want, orders := range map[string][]object{
		"declined R11": {{"feature": "retouch"}, {"feature": "studio-shot", "platform": "ios"}, {"feature": "ai-backgrounds", "platform": "ios"}},
		"in_review R8": {{"feature": "ai-backgrounds", "platform": "android"}, {"feature": "video-generator", "platform": "ios"}},
	} {
		for _, ordered := range orders {
			alice := customer(t, 4)
			require.Equal(t, want, answered(t, reported(t, alice, ordered, success(), nil)), ordered)
		}
	}
}

func TestASecondReportOfOnePictureIsAConflictThatNamesTheCase(t *testing.T) {
	underEach(t, func(t *testing.T) {
		alice := customer(t, shops[policy].price)
		id, key := picture(t, alice), unique("key")
		first := ask(t, "POST", "/v1/reports", local.AppKey, complaint(id), "Idempotency-Key", key)
		require.Equal(t, 202, first.status)
		require.Empty(t, first.header.Get("Idempotent-Replayed"))
		caseID := first.body["case"].(string)
		answered(t, caseID)

		replay := ask(t, "POST", "/v1/reports", local.AppKey, complaint(id), "Idempotency-Key", key)
		require.Equal(t, 202, replay.status)
		require.Equal(t, "true", replay.header.Get("Idempotent-Replayed"))
		require.Equal(t, first.body, replay.body)

		other := ask(t, "POST", "/v1/reports", local.AppKey, complaint(id, object{"description": "seven fingers"}), "Idempotency-Key", key)
		require.Equal(t, []any{409, "idempotency_key_reused"}, []any{other.status, other.body["code"]})
		for _, bearer := range []string{local.AppKey, local.OperatorKey, token(t, alice)} {
			again := ask(t, "POST", "/v1/reports", bearer, complaint(id), "Idempotency-Key", unique("key"))
			require.Equal(t, []any{409, "already_reported", caseID}, []any{again.status, again.body["code"], again.body["case"]})
		}
		require.Equal(t, []any{caseID}, generation(t, id)["cases"])
	})
}

func TestTenReportsOfOnePictureAtOnceOpenOneCase(t *testing.T) {
	alice := customer(t, 4)
	id := picture(t, alice)
	require.Equal(t, map[int]int{202: 1, 409: 9}, atOnce(10, func(int) int {
		return ask(t, "POST", "/v1/reports", local.AppKey, complaint(id), "Idempotency-Key", unique("key")).status
	}))
	require.Len(t, generation(t, id)["cases"], 1)
	caseID := generation(t, id)["case"].(string)
	decided(t, caseID, "in_review", "R8")
	require.Zero(t, onDesk(t, caseID)["facts"].(object)["customer"].(object)["requests_30d"], "this one is not among those before it")
}
