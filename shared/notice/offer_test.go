package notice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/notice"
	"makegood/shared/outage"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// market is a store with one offer beside the world's wallet.
type market struct {
	*world
	offer  outage.Offer
	mailBy string
}

func (m *market) FindOffer(_ context.Context, id outage.OfferID) (*outage.Offer, error) {
	if err := m.fault(); err != nil || m.offer.ID != id {
		return nil, err
	}
	found := m.offer
	return &found, nil
}

func (m *market) MarkOfferNotified(_ context.Context, _ outage.OfferID, at time.Time) error {
	if err := m.fault(); err != nil {
		return err
	}
	m.marked++
	m.offer.Todo, m.offer.NotifiedAt = nil, at
	return nil
}

func (m *market) ClaimOfferMail(_ context.Context, _ outage.OfferID, by string, _ time.Time) (bool, error) {
	if err := m.fault(); err != nil {
		return false, err
	}
	if m.mailBy == "" {
		m.mailBy = by
	}
	return m.mailBy == by, nil
}

func (m *market) ReturnOfferMail(_ context.Context, _ outage.OfferID, by string) error {
	if m.mailBy == by {
		m.mailBy = ""
	}
	return nil
}

func offered(t *testing.T, customer ledger.CustomerID) *market {
	t.Helper()
	published, err := policy.Open("goopter")
	require.NoError(t, err)
	began, ended := noon.Add(-50*time.Hour), noon.Add(-time.Hour)
	return &market{world: approved(t, "goopter"), offer: outage.Offer{
		ID: outage.NewOfferID(customer, "pi_1", began), Customer: customer, Payment: "pi_1", Outage: "out_aaaaaaaaaaaaaaaaaaaa",
		PaidAt: noon.Add(-100 * time.Hour), Met: policy.OutageFacts{StartedAt: began, EndedAt: &ended, PreventedUse: true},
		Remedy:     *policy.InMoney(money.Amount{Currency: "USD", Minor: 1000}),
		ClaimUntil: noon.Add(620 * time.Hour), MadeAt: noon.Add(-time.Minute), Todo: todo.List{todo.StepOffer: noon},
		Policy: published.Revisions()[0].Ref(),
	}}
}

func (m *market) tell(t *testing.T) error {
	t.Helper()
	teller := notice.Notifier{Store: m, Offers: m, Policies: policy.Published, Webhook: m, Mailer: m}
	return teller.NotifyOffer(t.Context(), message.NewOutageOffered(string(m.offer.ID)), noon)
}

func TestTheAppIsToldOnceWhatACustomerMayClaim(t *testing.T) {
	m := offered(t, "alice")
	for range 3 {
		require.NoError(t, m.tell(t))
	}
	body, err := json.Marshal(map[string]any{
		"type": "outage.offered", "timestamp": "2026-03-01T11:59:00.000Z",
		"data": map[string]any{
			"offer": m.offer.ID, "customer": "alice", "payment": "pi_1", "outage": "out_aaaaaaaaaaaaaaaaaaaa",
			"started_at": "2026-02-27T10:00:00.000Z", "ended_at": "2026-03-01T11:00:00.000Z", "claim_until": "2026-03-27T08:00:00.000Z",
			"remedy":  map[string]any{"money": map[string]any{"currency": "USD", "minor": 1000}, "to": "payment_method"},
			"words":   "Our platform was down for more than 48 hours in a row. You may claim a refund of 10.00 USD for the unused part of your purchase until March 27, 2026.",
			"balance": map[string]any{"available": 7, "owed": 0},
		},
	})
	require.NoError(t, err)
	require.Len(t, m.posted, 1)
	id := string(m.offer.ID) + ".outage.offered "
	require.Equal(t, id, m.posted[0][:len(id)])
	assert.JSONEq(t, string(body), m.posted[0][len(id):])
	assert.Equal(t, []any{1, noon}, []any{m.marked, m.offer.NotifiedAt})
	assert.Empty(t, m.mails, "the customer's id is no address")
}

func TestACustomerWithAnAddressIsMailedAnOfferOnce(t *testing.T) {
	m := offered(t, alice)
	m.sending = func(context.Context) error { return fault.Busy(errors.New("later")) }
	require.Equal(t, fault.KindBusy, fault.KindOf(m.tell(t)))
	assert.Zero(t, m.marked)
	assert.Empty(t, m.mailBy, "its claim is given back")
	m.sending = nil
	for range 2 {
		require.NoError(t, m.tell(t))
	}
	require.NotEmpty(t, m.mails)
	sent := m.mails[len(m.mails)-1]
	assert.Equal(t, alice, sent.To)
	assert.Equal(t, string(m.offer.ID)+".outage.offered", sent.ID)
	assert.Contains(t, sent.Text, "10.00 USD")
	assert.Contains(t, sent.Text, "until March 27, 2026.")
	assert.Contains(t, sent.Text, "Purchase: pi_1")

	m = offered(t, alice)
	m.mailBy = "another"
	require.NoError(t, m.tell(t))
	assert.Empty(t, m.mails)
	assert.Equal(t, 1, m.marked)
}

func TestAnOfferWhosePolicyIsNoLongerPublishedIsToldInWordsThatAreTrueOfAny(t *testing.T) {
	m := offered(t, "alice")
	m.offer.ClaimUntil, m.offer.Met.EndedAt, m.offer.Policy = time.Time{}, nil, policy.Ref{Name: "gone"}
	require.NoError(t, m.tell(t))
	assert.Contains(t, m.posted[0], `"words":"Our service was down. You may claim a refund of 10.00 USD."`)
	assert.NotContains(t, m.posted[0], "ended_at")
	assert.NotContains(t, m.posted[0], "claim_until")
}

func TestAnOfferThatWasNotTakenIsStillOwed(t *testing.T) {
	m := offered(t, "alice")
	m.answer = errors.New("the notice's receiver answered 500")
	require.ErrorIs(t, m.tell(t), m.answer)
	assert.Zero(t, m.marked)
	m.answer = fmt.Errorf("%w: the receiver answered 410", notice.ErrGone)
	m.faults = []error{fault.Busy(nil)}
	require.NoError(t, m.tell(t))
	assert.Equal(t, 1, m.marked, "a receiver that is gone counts as told")
	assert.Equal(t, m.posted[0], m.posted[1])
	for _, id := range []string{"", "cas_1", string(outage.NewOfferID("bob", "pi_1", noon))} {
		err := notice.Notifier{Store: m, Offers: m, Webhook: m}.NotifyOffer(t.Context(), message.NewOutageOffered(id), noon)
		assert.Equal(t, fault.KindNotFound, fault.KindOf(err), id)
	}
}
