package policy_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
)

const allFacts = `{
  "policy": "photoroom", "kind": "bad_result", "requested_at": "2026-11-18T13:00:00Z",
  "customer": {"standing": "restricted", "requests_30d": 1, "refunds_30d": 2, "generations_30d": 3},
  "generation": {"id": "gen_1", "feature": "recolor", "platform": "ios", "surface": "batch", "mode": "free", "status": "failed",
    "finished_at": "2026-11-18T12:00:00Z", "price": 4, "refunded": 1, "failed_attempts": 2,
    "failure": {"cause": "platform", "code": "model_error", "message": "out of memory"}},
  "report": {"description": "five legs", "issue": "distortion"},
  "usage": {"bulk_downloaded": true, "commercial_use": true},
  "evidence": {"verdict": "unusable", "defects": ["blank"], "input": "poor", "within_examples": true},
  "earlier_requests": 5,
  "purchase": {"id": "pur_1", "package": "pro", "paid_at": "2026-11-16T12:00:00Z", "amount": {"currency": "USD", "minor": 2000},
    "credits": 300, "credits_spent": 3, "credited": true, "duplicate_of": "pur_0", "refunded": {"currency": "USD", "minor": 1}},
  "outage": {"started_at": "2026-11-14T00:00:00Z", "ended_at": "2026-11-16T01:00:00Z", "prevented_use": true}
}`

func TestFactsAreReadWhole(t *testing.T) {
	f, err := policy.ParseFacts([]byte(allFacts))
	require.NoError(t, err)
	assert.Equal(t, policy.Facts{
		Policy: "photoroom", Kind: policy.KindBadResult, RequestedAt: *instant(2026, 11, 18, 13, 0),
		Customer: policy.CustomerFacts{Standing: ledger.StandingRestricted, Requests30d: 1, Refunds30d: 2, Generations30d: 3},
		Generation: &policy.GenerationFacts{
			ID: "gen_1", Feature: "recolor", Platform: policy.PlatformIOS, Surface: policy.SurfaceBatch, Mode: policy.ModeFree,
			Status: generation.StatusFailed, FinishedAt: *instant(2026, 11, 18, 12, 0), Price: 4, Refunded: 1, FailedAttempts: 2,
			Failure: &generation.Failure{Cause: generation.CausePlatform, Code: "model_error", Message: "out of memory"},
		},
		Report:          &policy.ReportFacts{Description: "five legs", Issue: policy.IssueDistortion},
		Usage:           policy.UsageFacts{BulkDownloaded: true, CommercialUse: true},
		Evidence:        &policy.EvidenceFacts{Verdict: policy.VerdictUnusable, Defects: []string{"blank"}, Input: policy.InputPoor, WithinExamples: true},
		EarlierRequests: 5,
		Purchase: &policy.PurchaseFacts{
			ID: "pur_1", Package: "pro", PaidAt: *instant(2026, 11, 16, 12, 0), Amount: money.Amount{Currency: "USD", Minor: 2000},
			Credits: 300, CreditsSpent: 3, Credited: true, DuplicateOf: "pur_0", Refunded: &money.Amount{Currency: "USD", Minor: 1},
		},
		Outage: &policy.OutageFacts{StartedAt: *instant(2026, 11, 14, 0, 0), EndedAt: instant(2026, 11, 16, 1, 0), PreventedUse: true},
	}, f)
	written, err := json.Marshal(f)
	require.NoError(t, err)
	assert.JSONEq(t, allFacts, string(written))
}

func TestFactsOfTheWrongShapeNameTheField(t *testing.T) {
	tests := map[string]struct{ old, new, field string }{
		"unknown field":          {`"policy":`, `"colour": 1, "policy":`, "colour"},
		"unknown field below":    {`"cause":`, `"weather": "bad", "cause":`, "generation.failure.weather"},
		"other case":             {`"price":`, `"Price":`, "generation.Price"},
		"twice":                  {`"price": 4`, `"price": 4, "price": 5`, "generation.price"},
		"twice, null first":      {`"price": 4`, `"price": null, "price": 4`, "generation.price"},
		"missing":                {`"price": 4, `, ``, "generation.price"},
		"missing kind":           {`"kind": "bad_result", `, ``, "kind"},
		"null is missing":        {`"price": 4`, `"price": null`, "generation.price"},
		"missing verdict":        {`"verdict": "unusable", `, ``, "evidence.verdict"},
		"missing currency":       {`"currency": "USD", "minor": 2000`, `"minor": 2000`, "purchase.amount.currency"},
		"missing credited":       {`"credited": true, `, ``, "purchase.credited"},
		"a fraction":             {`"price": 4`, `"price": 4.5`, "generation.price"},
		"a number as text":       {`"price": 4`, `"price": "4"`, "generation.price"},
		"a number past 64 bits":  {`"price": 4`, `"price": 9223372036854775808`, "generation.price"},
		"a truth as text":        {`"credited": true`, `"credited": "true"`, "purchase.credited"},
		"text as a number":       {`"feature": "recolor"`, `"feature": 5`, "generation.feature"},
		"a list for an object":   {`"usage": {"bulk_downloaded": true, "commercial_use": true}`, `"usage": []`, "usage"},
		"an object for a list":   {`["blank"]`, `{}`, "evidence.defects"},
		"no instant":             {`"2026-11-18T13:00:00Z"`, `"yesterday"`, "requested_at"},
		"a number as an instant": {`"ended_at": "2026-11-16T01:00:00Z"`, `"ended_at": 1`, "outage.ended_at"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, allFacts, test.old)
			_, err := policy.ParseFacts([]byte(strings.Replace(allFacts, test.old, test.new, 1)))
			var e *fault.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, fault.KindInvalid, e.Kind)
			assert.Equal(t, test.field, e.Field)
		})
	}
}

func TestWhatIsNotOneObjectIsNoFacts(t *testing.T) {
	for _, source := range []string{``, `{`, `[]`, `"facts"`, `5`, `{} {}`, `{"policy"`, strings.Repeat(`{"customer":`, 20000) + strings.Repeat("}", 20000)} {
		_, err := policy.ParseFacts([]byte(source))
		require.Error(t, err, "%.20s", source)
		assert.Equal(t, fault.KindInvalid, fault.KindOf(err))
	}
	_, err := policy.ParseFacts([]byte(`null`))
	require.Error(t, err)
}

func TestAPartOfADecisionHasNoFieldThatADecisionHasNot(t *testing.T) {
	for _, part := range []string{`{}`, `{"remedy":{"money":{"minor":2}},"pay_by":"2026-12-02T14:00:00+02:00","trace":5}`, `{"remedy":null,"pay_by":null}`} {
		assert.NoError(t, policy.CheckPart[policy.Decision]([]byte(part), "want"), part)
	}
	for part, field := range map[string]string{
		`{"remedy":{"Credits":1}}`:                 "want.remedy.Credits",
		`{"remedy":null,"remedy":{}}`:              "want.remedy",
		`{"pay_by":"tomorrow"}`:                    "want.pay_by",
		`{"policy":[]}`:                            "want.policy",
		`{"-":"a notice is no part of its JSON"}`:  "want.-",
		`{"Notice":"nor by the name it has here"}`: "want.Notice",
		`null`: "want",
	} {
		requireFault(t, policy.CheckPart[policy.Decision]([]byte(part), "want"), field)
	}
}

func TestAbsentFactsHaveTheirDefaults(t *testing.T) {
	f, err := policy.ParseFacts([]byte(`{"policy":"popcustoms","kind":"technical_failure","requested_at":"2026-11-18T13:00:00+13:00","customer":null,
		"generation":{"id":"gen_1","feature":"pet","platform":"web","status":"failed","finished_at":"2026-11-18T12:00:00Z","price":395,"failure":{"cause":"platform","code":"x"}}}`))
	require.NoError(t, err)
	d := decide(t, f)
	assert.Equal(t, "P3.6", d.Clause, "paid mode, one attempt")
}

func TestFactsAreJudgedWhenTheGenerationFinishedOrThePurchaseWasPaid(t *testing.T) {
	f, err := policy.ParseFacts([]byte(allFacts))
	require.NoError(t, err)
	assert.Equal(t, f.Generation.FinishedAt, f.JudgedAt())
	f.Kind = policy.KindOutage
	assert.Equal(t, f.Purchase.PaidAt, f.JudgedAt())
	f.Purchase = nil
	assert.Equal(t, time.Time{}, f.JudgedAt())
}

func TestKindsAreAboutAGenerationOrAPurchase(t *testing.T) {
	for _, kind := range policy.AllKinds {
		generation := kind == policy.KindTechnicalFailure || kind == policy.KindBadResult
		assert.Equal(t, !generation, kind.AboutPurchase(), kind)
	}
	assert.False(t, policy.Kind("bad_weather").AboutPurchase())
}

func TestAnIssueIsOneOfTheWordsOrNone(t *testing.T) {
	for _, issue := range append(policy.AllIssues, "") {
		assert.NoError(t, issue.Validate("issue"))
	}
	for _, issue := range []policy.Issue{policy.IssueNone, "Taste"} {
		requireFault(t, issue.Validate("body.issue"), "body.issue")
	}
}
