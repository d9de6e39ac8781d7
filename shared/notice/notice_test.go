package notice_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/notice"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// world is a store with one case and one wallet, and the app's server, all in one.
type world struct {
	matter *refund.Case
	wallet ledger.Wallet
	posted []string // "id body"
	answer error    // of the app's server
	faults []error  // what the next calls of the store end with
	marked int
}

func (w *world) fault() error {
	if len(w.faults) == 0 {
		return nil
	}
	err := w.faults[0]
	w.faults = w.faults[1:]
	return err
}

func (w *world) FindCase(_ context.Context, id refund.CaseID) (*refund.Case, error) {
	if err := w.fault(); err != nil || w.matter == nil || w.matter.ID != id {
		return nil, err
	}
	found := *w.matter
	return &found, nil
}

func (w *world) FindWallet(context.Context, ledger.CustomerID) (ledger.Wallet, error) {
	return w.wallet, w.fault()
}

func (w *world) MarkTold(_ context.Context, _ refund.CaseID, at time.Time) error {
	if err := w.fault(); err != nil {
		return err
	}
	if w.matter.Todo.Has(todo.StepNotice) {
		w.marked++
		w.matter.Todo, w.matter.ToldAt = nil, at
	}
	return nil
}

func (w *world) Post(_ context.Context, id string, body []byte, _ time.Time) error {
	w.posted = append(w.posted, id+" "+string(body))
	return w.answer
}

// approved returns a world whose case was approved under the named policy's first revision, and still owes its notice.
func approved(t *testing.T, name string) *world {
	t.Helper()
	published, err := policy.Open(name)
	require.NoError(t, err)
	revision := published.Revisions()[0]
	customer := ledger.CustomerID("alice")
	id := refund.NewCaseID(customer.Key(), policy.KindTechnicalFailure, "gen_1")
	return &world{
		wallet: ledger.Wallet{
			Customer: customer,
			Lots: []ledger.Lot{
				{ID: "lot_1", Granted: 20, Remaining: 7, GrantedAt: noon.Add(-time.Hour), ExpiresAt: noon.Add(time.Hour)},
				{ID: "lot_2", Granted: 20, Remaining: 5, GrantedAt: noon.Add(-time.Hour), ExpiresAt: noon},
			},
		},
		matter: &refund.Case{
			ID: id, Kind: policy.KindTechnicalFailure, Customer: customer, Generation: "gen_1", State: refund.StateApproved,
			Notice: revision.Notice(policy.KindTechnicalFailure, policy.OutcomeApproved).Name,
			Decision: &policy.Decision{
				Outcome: policy.OutcomeApproved, Clause: "R1", Reason: "The generation failed.", Policy: revision.Ref(),
				Remedy: &policy.Remedy{Credits: 4, To: policy.ToBalance},
			},
			Todo: todo.List{todo.StepNotice: noon.Add(time.Minute)},
		},
	}
}

func (w *world) teller() notice.Teller {
	return notice.Teller{Store: w, Policies: notice.Published, Webhook: w}
}

func (w *world) request() message.RefundDecided { return message.NewRefundDecided(string(w.matter.ID)) }

func TestTheAppHearsTheVerdictInThePolicysWords(t *testing.T) {
	for _, name := range policy.Names() {
		w := approved(t, name)
		require.NoError(t, w.teller().Tell(ctx, w.request(), noon))
		require.Len(t, w.posted, 1)
		id, body, _ := strings.Cut(w.posted[0], " ")
		assert.Equal(t, string(w.matter.ID)+"."+w.matter.Notice, id)
		var told map[string]any
		require.NoError(t, json.Unmarshal([]byte(body), &told))
		assert.NotEmpty(t, told["words"], name)
		delete(told, "words")
		assert.Equal(t, map[string]any{
			"type": "refund.decided", "case": string(w.matter.ID), "customer": "alice", "outcome": "approved", "clause": "R1",
			"notice": w.matter.Notice, "remedy": map[string]any{"credits": 4.0, "to": "balance"},
			"balance": map[string]any{"available": 7.0, "owed": 0.0},
		}, told)
		assert.Equal(t, noon, w.matter.ToldAt)
		assert.Empty(t, w.matter.Todo)
	}
}

func TestARevisionNoLongerPublishedFallsBackToTheReason(t *testing.T) {
	w := approved(t, "photoroom")
	w.matter.Decision.Policy.Digest = "another"
	require.NoError(t, w.teller().Tell(ctx, w.request(), noon))
	assert.Contains(t, w.posted[0], `"words":"The generation failed."`)
	w = approved(t, "photoroom")
	w.matter.Decision.Policy.Name = "gone"
	require.NoError(t, w.teller().Tell(ctx, w.request(), noon))
	assert.Contains(t, w.posted[0], `"words":"The generation failed."`)
}

func TestASecondCopyTellsNothing(t *testing.T) {
	w := approved(t, "photoroom")
	for range 3 {
		require.NoError(t, w.teller().Tell(ctx, w.request(), noon))
	}
	assert.Len(t, w.posted, 1)
	assert.Equal(t, 1, w.marked)
}

func TestANoticeThatWasNotTakenIsStillOwed(t *testing.T) {
	w := approved(t, "photoroom")
	w.answer = errors.New("the notice's receiver answered 500")
	require.ErrorIs(t, w.teller().Tell(ctx, w.request(), noon), w.answer)
	assert.True(t, w.matter.Todo.Has(todo.StepNotice))
	w.answer = nil
	require.NoError(t, w.teller().Tell(ctx, w.request(), noon))
	assert.Equal(t, w.posted[0], w.posted[1], "a repeat has the same id and body")
	assert.Equal(t, 1, w.marked)
}

func TestWithoutAServerTheCaseIsMarkedOnly(t *testing.T) {
	w := approved(t, "photoroom")
	teller := w.teller()
	teller.Webhook = nil
	require.NoError(t, teller.Tell(ctx, w.request(), noon))
	assert.Empty(t, w.posted)
	assert.Equal(t, noon, w.matter.ToldAt)
}

func TestPassingFaultsOfTheStoreAreTriedAgainWithoutTellingTwice(t *testing.T) {
	w := approved(t, "photoroom")
	w.faults = []error{fault.Busy(nil), nil, fault.Busy(nil), nil, fault.Stale(nil), fault.Busy(nil)}
	require.NoError(t, w.teller().Tell(ctx, w.request(), noon))
	assert.Len(t, w.posted, 1)
	assert.Equal(t, 1, w.marked)
}

func TestACaseNobodyKnowsIsNotFound(t *testing.T) {
	w := approved(t, "photoroom")
	for _, id := range []string{"", "cas_1", "alice", string(refund.NewCaseID(ledger.CustomerID("bob").Key(), policy.KindTechnicalFailure, "gen_1"))} {
		err := w.teller().Tell(ctx, message.NewRefundDecided(id), noon)
		require.Error(t, err, id)
		assert.Equal(t, fault.KindNotFound, fault.KindOf(err), id)
	}
	assert.Empty(t, w.posted)
}

func TestANoticeOfNoVerdictIsABug(t *testing.T) {
	w := approved(t, "photoroom")
	w.matter.Decision = nil
	err := w.teller().Tell(ctx, w.request(), noon)
	require.Error(t, err)
	assert.Equal(t, fault.KindInternal, fault.KindOf(err))
	assert.Empty(t, w.posted)
}

func TestADeclinedCaseHasNoRemedy(t *testing.T) {
	w := approved(t, "photoroom")
	w.matter.Decision.Outcome, w.matter.Decision.Remedy = policy.OutcomeDeclined, nil
	require.NoError(t, w.teller().Tell(ctx, w.request(), noon))
	assert.NotContains(t, w.posted[0], "remedy")
	assert.Contains(t, w.posted[0], `"outcome":"declined"`)
}
