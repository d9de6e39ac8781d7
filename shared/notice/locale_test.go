package notice_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/notice"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// bilingual is a policy whose sentences have German too, and a teller that knows no other.
func bilingual(t *testing.T, w *world) (policy.Revision, notice.Notifier) {
	t.Helper()
	source, err := os.ReadFile("../policy/testdata/working_languages.yaml")
	require.NoError(t, err)
	rev, err := policyfile.Parse("working_languages.yaml", source)
	require.NoError(t, err)
	teller := w.teller()
	teller.Mailer = w
	teller.Policies = func(policy.Ref) (policy.Revision, bool) { return rev, true }
	teller.InForce = func(time.Time) policy.Revision { return rev }
	return rev, teller
}

func TestAMessageIsInTheCustomersLanguageThroughout(t *testing.T) {
	for locale, want := range map[string]notice.Mail{
		"de-AT": {Subject: "Abgelehnt", Text: "Abgelehnt.\n\nEs wurde abgebrochen.\n\nVorgang: "},
		"fr":    {Subject: "Declined", Text: "Declined.\n\nIt was stopped.\n\nCase: "},
		"":      {Subject: "Declined", Text: "Declined.\n\nIt was stopped.\n\nCase: "},
	} {
		w, _ := mailed(t, "goopter")
		rev, teller := bilingual(t, w)
		w.matter.Locale = locale
		w.matter.Decision = &policy.Decision{
			Outcome: policy.OutcomeDeclined, Clause: "T1", Rule: 4, Reason: "It was stopped.", Policy: rev.Ref(), Notice: "not_refunded",
			Trace: []policy.Step{{Clause: "T1", Rule: 4, Matched: true}},
		}
		require.NoError(t, teller.Notify(ctx, w.request(), noon))
		require.Len(t, w.mails, 1)
		assert.Equal(t, []string{want.Subject, want.Text + string(w.matter.ID) + "\n"}, []string{w.mails[0].Subject, w.mails[0].Text}, locale)
		assert.Contains(t, w.posted[0], `"words":"`+want.Subject+`."`, locale)
		assert.Contains(t, w.posted[0], `"reason":"`+strings.Split(want.Text, "\n\n")[1]+`"`, locale)
	}
}

func TestMoneyIsToldInTheCustomersLanguage(t *testing.T) {
	w, _ := mailed(t, "goopter")
	_, teller := bilingual(t, w)
	w.matter.Locale = "de"
	w.matter.Decision.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: 2000})
	w.matter.Todo = todo.List{todo.StepPaid: noon}
	w.matter.History = append(w.matter.History, refund.Event{At: noon, State: refund.StateClosed})
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	assert.Contains(t, w.posted[0], `"words":"20.00 USD an Ihre Karte am 2026-03-01."`)
	require.Len(t, w.mails, 1)
	assert.Equal(t, "20.00 USD an Ihre Karte am 2026-03-01", w.mails[0].Subject)
}

func TestAPartAndAnOfferAreToldInTheCustomersLanguage(t *testing.T) {
	s := partial(t)
	_, teller := bilingual(t, s.world)
	teller.Generations, s.made.Locale = s, "de"
	require.NoError(t, teller.NotifyPartial(ctx, message.NewGenerationPartial(string(s.made.ID)), noon))
	assert.Contains(t, s.posted[0], `"words":"1 von 4: 0.0012 USD bleiben Ihnen."`)
	s = partial(t)
	s.made.Locale, s.made.Released, s.made.Result = "de", 16, &generation.Result{Status: generation.StatusSucceeded, Outputs: []generation.Output{}}
	_, teller = bilingual(t, s.world)
	teller.Generations = s
	require.NoError(t, teller.NotifyPartial(ctx, message.NewGenerationPartial(string(s.made.ID)), noon))
	assert.Contains(t, s.posted[0], `"words":"Keines von 4: 0.0016 USD bleiben Ihnen."`)

	m := offered(t, alice)
	_, teller = bilingual(t, m.world)
	teller.Offers, m.offer.Locale = m, "de"
	require.NoError(t, teller.NotifyOffer(ctx, message.NewOutageOffered(string(m.offer.ID)), noon))
	require.Len(t, m.mails, 1)
	assert.Contains(t, m.mails[0].Text, "bis 2026-03-27.\n\nKauf: pi_1\n")
	assert.Contains(t, m.posted[0], `"words":"10.00 USD bis 2026-03-27."`)
}
