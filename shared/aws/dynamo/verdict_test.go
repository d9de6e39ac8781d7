package dynamo

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/origin"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

func drawInstant(t *rapid.T, label string) time.Time {
	return time.UnixMilli(rapid.Int64Range(1, 4e12).Draw(t, label)).UTC()
}

// drawTrace draws any trace, also such as no policy gives.
func drawTrace(t *rapid.T) []policy.Step {
	if rapid.Bool().Draw(t, "none") {
		return nil
	}
	steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) policy.Step {
		clause := rapid.OneOf(rapid.SampledFrom([]string{"", " ", "!", "!P1", "P@1", "P 1", "%20", "+", "X3", "P5.3"}), rapid.String()).Draw(t, "clause")
		return policy.Step{Clause: clause, Rule: rapid.IntRange(0, 20).Draw(t, "rule"), Matched: rapid.Bool().Draw(t, "matched")}
	}), 0, 5).Draw(t, "trace")
	return append([]policy.Step{}, steps...)
}

func drawRemedy(t *rapid.T) *policy.Remedy {
	switch rapid.IntRange(0, 2).Draw(t, "remedy") {
	case 0:
		return nil
	case 1:
		return policy.InCredits(395)
	default:
		return policy.InMoney(money.Amount{Currency: "USD", Minor: 500})
	}
}

func maybe[T any](t *rapid.T, label string, value T) *T {
	if rapid.Bool().Draw(t, label) {
		return nil
	}
	return &value
}

func drawRuling(t *rapid.T, words string) refund.Ruling {
	return refund.Ruling{
		Ruling: policy.Ruling{Outcome: policy.OutcomeDeclined, Remedy: drawRemedy(t), Clause: words}, Note: words, By: words, Payment: payment.ID(words),
		Origin: origin.Origin{Key: "k", Input: words}, At: drawInstant(t, "ruled"),
	}
}

func drawBasis(t *rapid.T, words string) *policy.Basis {
	facts, err := json.Marshal(map[string]string{"kind": words, "policy": "popcustoms"})
	require.NoError(t, err)
	return maybe(t, "basis", policy.Basis{Digest: words, Facts: facts, Ruling: maybe(t, "basis of a ruling", policy.Ruling{Outcome: policy.OutcomeDeclined})})
}

func drawAppeal(t *rapid.T, words string) *refund.Appeal {
	return &refund.Appeal{
		At: drawInstant(t, "appealed at"), Origin: origin.Origin{Key: "k", Input: words}, Ruling: maybe(t, "first ruling", drawRuling(t, words)),
		Reviewer: words, Finding: rapid.SampledFrom([]refund.Finding{"", refund.FindingUpheld}).Draw(t, "finding"),
	}
}

func drawDecision(t *rapid.T, words string, at time.Time) policy.Decision {
	return policy.Decision{
		Outcome: policy.OutcomeApproved, Clause: "P1", Rule: rapid.IntRange(0, 9).Draw(t, "decided by"), Reason: words, Remedy: drawRemedy(t), RespondBy: &at, Notice: "refunded",
		Policy: policy.Ref{Name: "popcustoms", Revision: "2026-01-01", Digest: "sha256:0"}, Trace: drawTrace(t), Basis: drawBasis(t, words),
	}
}

func drawCase(t *rapid.T) refund.Case {
	id := refund.NewCaseID(ledger.CustomerID("alice").Key(), policy.KindBadResult, rapid.String().Draw(t, "subject"))
	words := rapid.String().Draw(t, "words")
	at := drawInstant(t, "at")
	c := refund.Case{
		ID: id, Kind: policy.KindBadResult, Customer: "alice", Generation: "gen_", Output: rapid.IntRange(0, 7).Draw(t, "output"), Payment: words,
		State:  rapid.SampledFrom([]refund.State{refund.StateReceived, refund.StateInReview, refund.StateApproved}).Draw(t, "state"),
		Origin: origin.Origin{Key: words, Input: "input"},
		Statement: maybe(t, "asked", refund.Statement{
			Description: words, Issue: policy.IssueTaste, Usage: policy.UsageFacts{CommercialUse: true}, Region: maybe(t, "region", refund.Region{Y: 5, Width: 1000, Height: 995}),
		}),
		Known:    maybe(t, "known", policy.CustomerFacts{Standing: ledger.StandingGood, Requests30d: 1, Refunds30d: 2, Generations30d: 3}),
		Returned: maybe(t, "returned", refund.Returned{Restored: 1, Expired: 2}),
		Notice:   "refunded",
		OpenedAt: at, NotifiedAt: at, Todo: todo.List{todo.StepNotice: at, todo.StepRefund: at.Add(time.Hour)}, Attempts: 3,
		History:   []refund.Event{{At: at, State: refund.StateReceived, Actor: ledger.ActorApp}, {At: at, State: refund.StateInReview, Actor: words, By: words, Note: words}},
		Decision:  maybe(t, "decision", drawDecision(t, words, at)),
		Ruling:    maybe(t, "ruling", drawRuling(t, words)),
		Overruled: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) refund.Ruling { return drawRuling(t, words) }), 1, 3).Draw(t, "overruled"),
	}
	if rapid.Bool().Draw(t, "appealed") {
		c.Appeal = drawAppeal(t, words)
	}
	if c.Waiting() {
		c.ReviewBy = at
	}
	for range rapid.IntRange(0, 2).Draw(t, "earlier") {
		if c.Decision != nil {
			stood := drawDecision(t, words, at)
			stood.Trace = append([]policy.Step{}, stood.Trace...)
			c.Earlier = append(c.Earlier, stood)
		}
	}
	return c
}

func TestAnyCaseComesBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t)
		read, err := decodeCase(encodeCase(c))
		require.NoError(t, err)
		require.Equal(t, &c, read)
	})
}

func TestACaseStandsInStaffsListOnlyWhileItWaitsForThem(t *testing.T) {
	at := time.UnixMilli(1).UTC()
	c := refund.Case{ID: refund.NewCaseID(ledger.CustomerID("a").Key(), "k", "s"), Customer: "a", State: refund.StateInReview, ReviewBy: at}
	require.Equal(t, at, encodeCase(c).instant(attrReviewBy))
	ruled := c
	ruled.Ruling = &refund.Ruling{}
	require.NotContains(t, encodeCase(ruled), attrReviewBy)
	approved := c
	approved.State = refund.StateApproved
	require.NotContains(t, encodeCase(approved), attrReviewBy)
}

func TestARecordedTextThatIsNoneOfOursIsAnError(t *testing.T) {
	id := refund.NewCaseID(ledger.CustomerID("alice").Key(), policy.KindBadResult, "s")
	good := encodeCase(refund.Case{ID: id, Customer: "alice", State: refund.StateApproved, Decision: &policy.Decision{Trace: []policy.Step{{}}}})
	unplaced := item{}
	for name, value := range good {
		unplaced[name] = value
	}
	unplaced[attrTrace] = text("X3@x ")
	_, err := decodeCase(unplaced)
	require.Error(t, err)
	for attribute, broken := range map[string]string{attrTrace: "%zz ", attrDecision: "{", attrStatement: "[", attrReturned: "-", attrState: "", attrCustomer: ""} {
		row := item{}
		for name, value := range good {
			row[name] = value
		}
		row[attribute] = text(broken)
		_, err := decodeCase(row)
		require.Error(t, err, attribute)
	}
	_, err = decodeCase(item{attrState: text("approved"), attrCustomer: text("alice"), attrRuling: list(text("approved"))})
	require.Error(t, err)
	for _, broken := range []types.AttributeValue{list(text("approved")), list(list()), text("approved")} {
		_, err = decodeCase(item{attrState: text("approved"), attrCustomer: text("alice"), attrOverruled: list(broken)})
		require.Error(t, err)
	}
	for _, broken := range []string{"x", "-", "aaaaaaaaaaaaaaaaaaaa!+", "aaaaaaaaaaaaaaaaaaaa1"} {
		_, err := decodeRecent(item{attrPK: text(ledger.CustomerID("alice").Key()), attrRequests: text(broken)})
		require.Error(t, err, broken)
	}
}

func TestAnyRecentRequestsComeBackAsTheyWereWritten(t *testing.T) {
	key := ledger.CustomerID("alice").Key()
	rapid.Check(t, func(t *rapid.T) {
		recent := refund.Recent(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) refund.RecentRequest {
			return refund.RecentRequest{
				Case: refund.NewCaseID(key, policy.KindBadResult, rapid.String().Draw(t, "subject")),
				At:   drawInstant(t, "at"), Refunded: rapid.Bool().Draw(t, "refunded"),
			}
		}), 0, 40).Draw(t, "recent"))
		row := encodeRecent(recent)
		row[attrPK] = text(key)
		read, err := decodeRecent(row)
		require.NoError(t, err)
		if len(recent) == 0 {
			recent = nil
		}
		require.Equal(t, recent, read)
	})
}

// TestWhatVerdictsRestOnIsReadAsItWasWrittenOnce: rows outlive the phrases that they were written
// with.
func TestWhatVerdictsRestOnIsReadAsItWasWrittenOnce(t *testing.T) {
	basis := policy.Basis{Digest: "sha256:0", Facts: json.RawMessage(`{"policy":"photoroom","kind":"bad_result","requested_at":"2026-03-01T12:00:00Z","customer":{"standing":"good"},` +
		`"generation":{"id":"gen_1","feature":"recolor","platform":"web","surface":"editor","mode":"paid","status":"succeeded","finished_at":"2026-03-01T11:00:00Z","price":4},` +
		`"report":{"description":"","issue":"taste"}}`)}
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c := refund.Case{
		ID: refund.NewCaseID(ledger.CustomerID("alice").Key(), policy.KindBadResult, "s"), Kind: policy.KindBadResult, Customer: "alice",
		State: refund.StateInReview, Generation: "gen_1", OpenedAt: at,
		Decision: &policy.Decision{Policy: policy.Ref{Name: "photoroom", Revision: "2026-01-01", Digest: "sha256:0"}, Trace: []policy.Step{}, Basis: &basis},
	}
	row := encodeCase(c)
	require.Equal(t, "\x01\x1a\x1e\x02\x03\x1b\x04recolor\x05web\x06\x1f11:00:00Z\x084\x09taste\"}}}}", row.text(attrBasis))
	read, err := decodeCase(row)
	require.NoError(t, err)
	require.Equal(t, &c, read)
	require.Less(t, len(phrases), firstOwn, "each has a character of its own")
	row[attrBasis] = text("\x01")
	_, err = decodeCase(row)
	require.Error(t, err)
}
