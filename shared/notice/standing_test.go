package notice_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/notice"
	"makegood/shared/standing"
	"makegood/shared/todo"
)

// office is a store with one change of standing beside the world's wallet.
type office struct {
	*world
	changed standing.ChangeRecord
	told    int
	by      string
}

func (o *office) FindChange(_ context.Context, id standing.ID) (*standing.ChangeRecord, error) {
	if o.changed.ID != id {
		return nil, nil
	}
	found := o.changed
	return &found, nil
}

func (o *office) MarkChangeNotified(context.Context, standing.ID) error {
	o.told++
	o.changed.Todo = nil
	return nil
}

func (o *office) ClaimChangeMail(_ context.Context, _ standing.ID, by string, _ time.Time) (bool, error) {
	if o.by == "" {
		o.by = by
	}
	return o.by == by, nil
}

func (o *office) ReturnChangeMail(_ context.Context, _ standing.ID, by string) error {
	if o.by == by {
		o.by = ""
	}
	return nil
}

// restricted returns an office that has restricted a customer with an address.
func restricted(t *testing.T) *office {
	t.Helper()
	o := &office{world: approved(t, "photoroom"), changed: standing.ChangeRecord{
		ID: standing.NewID(ledger.CustomerID(alice).Key(), noon), Customer: alice,
		Change: standing.Change{At: noon, Standing: ledger.StandingRestricted, Note: "bots", By: "ann"}, Todo: todo.List{todo.StepStand: noon},
	}}
	o.wallet.Standing = ledger.StandingRestricted
	return o
}

func (o *office) tell(follows notice.InForce) error {
	teller := notice.Notifier{Store: o, Standings: o, InForce: follows, Webhook: o, Mailer: o}
	return teller.NotifyStanding(ctx, message.NewStandingChanged(string(o.changed.ID)), noon)
}

func TestAChangeOfStandingIsToldOnceInThePolicysWords(t *testing.T) {
	o := restricted(t)
	for range 3 {
		require.NoError(t, o.tell(follows("photoroom")))
	}
	words := "Your access is restricted, so you can't use AI features, and refunds for results aren't available."
	require.Equal(t, []string{string(o.changed.ID) + `.standing.changed {"type":"standing.changed","timestamp":"2026-03-01T12:00:00.000Z","data":` +
		`{"customer":"alice@example.com","standing":"restricted","words":"` + words + `","balance":{"available":7,"owed":0}}}`}, o.posted)
	require.Len(t, o.mails, 1)
	assert.Equal(t, []string{alice, words + "\n"}, []string{o.mails[0].To, o.mails[0].Text})
	assert.Equal(t, 1, o.told)
	assert.NotContains(t, o.posted[0]+o.mails[0].Text, "bots", "why is staff's to know")
}

func TestNobodyIsToldOfAStandingThatIsNotWordedOrHasChangedAgain(t *testing.T) {
	o := restricted(t)
	_, bilingual := bilingual(t, o.world)
	o.changed.Standing, o.wallet.Standing = ledger.StandingTerminated, ledger.StandingTerminated
	require.NoError(t, o.tell(bilingual.InForce))
	assert.Equal(t, 1, o.told, "the policy words no termination")
	assert.Empty(t, o.posted)
	assert.Empty(t, o.mails)
	o = restricted(t)
	o.wallet.Standing = ledger.StandingGood
	require.NoError(t, o.tell(follows("photoroom")))
	assert.Equal(t, 1, o.told, "they are in good standing again")
	assert.Empty(t, o.posted)
	assert.Empty(t, o.mails)
}

func TestAChangeOfStandingIsToldInTheCustomersLanguageAndByMailToAnAddressAlone(t *testing.T) {
	o := restricted(t)
	_, bilingual := bilingual(t, o.world)
	o.changed.Locale, o.changed.Customer = "de", "alice"
	require.NoError(t, o.tell(bilingual.InForce))
	require.Len(t, o.posted, 1)
	assert.Contains(t, o.posted[0], `"words":"Beschränkt."`)
	assert.Empty(t, o.mails)
}

func TestAChangeOfStandingThatWasNotTakenIsStillOwed(t *testing.T) {
	o := restricted(t)
	o.answer = errors.New("the notice's receiver answered 500")
	require.ErrorIs(t, o.tell(follows("photoroom")), o.answer)
	assert.Zero(t, o.told)
	assert.Empty(t, o.mails)
	o.changed.ID = "std_none"
	assert.Equal(t, fault.KindNotFound, fault.KindOf(o.tell(follows("photoroom"))))
}
