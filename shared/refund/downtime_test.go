package refund_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/origin"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// down returns an outage that prevented use from so long after noon to another hour; to 0: it goes
// on.
func down(from, to time.Duration) outage.Outage {
	o := outage.Outage{ID: "out_aaaaaaaaaaaaaaaaaaaa", StartedAt: noon.Add(from), PreventedUse: true, DeclaredAt: noon.Add(from)}
	if to != 0 {
		o.EndedAt = noon.Add(to)
	}
	return o
}

// downClaim has alice, who has 20 of 50 credits of 5 USD left since noon, claim downtime a day
// later, decided by those outages.
func downClaim(t *testing.T, all ...outage.Outage) (*shelf, refund.Case) {
	t.Helper()
	s := claimed(t, policy.KindOutage, granted("pi_1", starter))
	s.found.Wallet.Lots[0].Granted, s.found.Wallet.Lots[0].Remaining = 50, 20
	s.outages = all
	return s, s.deliver(t, "goopter", noon.Add(24*time.Hour))
}

// looks has the case asked about again, as the sweep would.
func (s *shelf) looks(t *testing.T, after time.Duration) refund.Case {
	t.Helper()
	s.requests = []message.RefundRequested{message.NewCaseRequested(string(s.found.Case.ID), "", "")}
	return s.deliver(t, "goopter", noon.Add(after))
}

// replays has the case's verdicts made again, and demands that they are the same.
func replays(t *testing.T, c refund.Case) {
	t.Helper()
	published, err := policy.Open("goopter")
	require.NoError(t, err)
	for n, verdict := range c.Verdicts() {
		again, err := published.Replay(verdict, c.Prior(n))
		require.NoError(t, err)
		require.True(t, policy.SameDecision(verdict, again), "verdict %d", n)
	}
}

func TestAClaimInAnOutageThatGoesOnIsDecidedOnceThatIsLongEnough(t *testing.T) {
	s, c := downClaim(t, down(2*time.Hour, 0))
	require.Equal(t, []any{refund.StateInReview, "G2.3"}, []any{c.State, c.Decision.Clause})
	longEnough := 50*time.Hour + time.Millisecond
	require.Equal(t, todo.List{todo.StepNotice: noon.Add(24*time.Hour + todo.Resend), todo.StepDowntime: noon.Add(longEnough)}, c.Todo)

	commits := len(s.effects)
	c = s.looks(t, longEnough-time.Millisecond)
	require.Equal(t, refund.StateInReview, c.State)
	require.Len(t, s.effects, commits, "nothing is new")

	c = s.looks(t, longEnough)
	require.Equal(t, refund.StatePaying, c.State)
	require.Equal(t, int64(200), c.Decision.Remedy.Money().Minor)
	require.Equal(t, "Our platform was down for more than 48 hours in a row, so we've approved a refund of 2.00 USD for the unused part of your purchase.", c.Decision.Reason)
	published, err := policy.Open("goopter")
	require.NoError(t, err)
	require.Equal(t, noon.Add(longEnough).AddDate(0, 0, 14), *c.Decision.PayBy, "10 business days from the decision")
	require.Equal(t, published.At(noon).Ref(), c.Decision.Policy)
	require.Equal(t, []refund.Message{{Type: refund.MessageDecided, Notice: "refunded"}}, c.Owed())
	require.False(t, c.Todo.Has(todo.StepDowntime))
	require.Zero(t, c.ReviewBy)
	replays(t, c)
	commits = len(s.effects)
	s.looks(t, longEnough+time.Hour)
	require.Len(t, s.effects, commits)
}

func TestAClaimInAnOutageThatEndsTooSoonIsDeclinedForThat(t *testing.T) {
	s, _ := downClaim(t, down(2*time.Hour, 0))
	s.outages = []outage.Outage{down(2*time.Hour, 50*time.Hour)}
	c := s.looks(t, 60*time.Hour)
	require.Equal(t, []any{refund.StateDeclined, "not_refunded"}, []any{c.State, c.Notice})
	require.Equal(t, "This downtime doesn't qualify: it didn't last more than 48 hours in a row after you bought your credits.", c.Decision.Reason)
	require.Equal(t, todo.List{todo.StepNotice: noon.Add(60*time.Hour + todo.Resend)}, c.Todo)
	replays(t, c)
}

func TestAnOutageThatIsToEndTooSoonIsLookedAtWhenItDoes(t *testing.T) {
	s, c := downClaim(t, down(2*time.Hour, 30*time.Hour))
	require.Equal(t, noon.Add(30*time.Hour), c.Todo[todo.StepDowntime])
	require.Equal(t, refund.StateDeclined, s.looks(t, 30*time.Hour).State)

	s, c = downClaim(t, down(2*time.Hour, 80*time.Hour))
	require.Equal(t, noon.Add(50*time.Hour+time.Millisecond), c.Todo[todo.StepDowntime], "it is long enough before")
	c = s.looks(t, 51*time.Hour)
	require.Equal(t, refund.StatePaying, c.State)
	require.False(t, c.Todo.Has(todo.StepDowntime), "it is decided, though the outage goes on")
}

func TestAClaimOfAnOutageThatNobodyDeclaredIsDecidedOnceSomebodyDoes(t *testing.T) {
	s, c := downClaim(t)
	require.Equal(t, []any{refund.StateInReview, "X3"}, []any{c.State, c.Decision.Clause})
	require.Equal(t, todo.List{todo.StepNotice: noon.Add(24*time.Hour + todo.Resend)}, c.Todo)
	commits := len(s.effects)
	s.looks(t, 26*time.Hour)
	require.Len(t, s.effects, commits, "nothing is new")

	s.outages = []outage.Outage{down(2*time.Hour, 0)}
	c = s.looks(t, 26*time.Hour)
	require.Equal(t, []any{refund.StateInReview, "G2.3"}, []any{c.State, c.Decision.Clause})
	require.Equal(t, "Our platform is still down. We'll decide as soon as the downtime ends or has lasted more than 48 hours, and aim to reply by March 9, 2026.", c.Decision.Reason)
	require.Equal(t, todo.List{todo.StepNotice: noon.Add(24*time.Hour + todo.Resend), todo.StepDowntime: noon.Add(50*time.Hour + time.Millisecond)}, c.Todo, "one receipt is told")
	s.found.Case.NotifiedAt = noon.Add(27 * time.Hour)
	delete(s.found.Case.Todo, todo.StepNotice)

	s.outages[0].WithdrawnAt = noon.Add(28 * time.Hour)
	c = s.looks(t, 28*time.Hour)
	require.Equal(t, []any{refund.StateInReview, "X3", noon.Add(27 * time.Hour)}, []any{c.State, c.Decision.Clause, c.NotifiedAt})
	require.Empty(t, c.Todo)
	require.Len(t, c.Earlier, 2)

	s.outages = []outage.Outage{down(25*time.Hour, 90*time.Hour)}
	require.Equal(t, "X3", s.looks(t, 91*time.Hour).Decision.Clause, "it began after the claim was made")
	s.outages = []outage.Outage{down(time.Hour, 90*time.Hour)}
	c = s.looks(t, 91*time.Hour)
	require.Equal(t, refund.StatePaying, c.State)
	replays(t, c)
}

func TestReasonsForAReviewAreKeptUpToABound(t *testing.T) {
	s, _ := downClaim(t)
	for n := range 60 {
		s.outages = []outage.Outage{down(2*time.Hour, 0)}
		if n%2 == 1 {
			s.outages = nil
		}
		s.looks(t, 26*time.Hour)
	}
	require.Len(t, s.found.Case.Earlier, 20)
	s.outages = []outage.Outage{down(2*time.Hour, 0)}
	require.True(t, s.looks(t, 26*time.Hour).Todo.Has(todo.StepDowntime), "it still waits")
	c := s.looks(t, 51*time.Hour)
	require.Equal(t, refund.StatePaying, c.State)
	replays(t, c)
}

func TestStaffMayRuleWhileAnOutageGoesOnAndTheirRulingStands(t *testing.T) {
	for _, order := range []refund.RulingOrder{approval(nil), refusal()} {
		s, _ := downClaim(t, down(2*time.Hour, 0))
		answer, err := s.rule(t, "goopter", order, noon.Add(30*time.Hour))
		require.NoError(t, err)
		require.False(t, s.found.Case.Todo.Has(todo.StepDowntime))
		c := s.looks(t, 51*time.Hour)
		require.Equal(t, answer.State, c.State, "it is carried out, and nothing else")
		require.Equal(t, ledger.ActorStaff, c.History[len(c.History)-1].Actor)
		verdict, commits := *c.Decision, len(s.effects)
		require.Equal(t, verdict, *s.looks(t, 52*time.Hour).Decision)
		require.Len(t, s.effects, commits)
		replays(t, c)
	}
}

func TestAClaimWhoseRulingCouldNotBeCarriedOutWaitsForTheOutageAgain(t *testing.T) {
	s, _ := downClaim(t, down(2*time.Hour, 0))
	_, err := s.rule(t, "goopter", approval(nil), noon.Add(30*time.Hour))
	require.NoError(t, err)
	s.found.Payment.Disputes = map[string]payment.Dispute{"dp_1": {Status: payment.DisputeOpen}}
	c := s.looks(t, 31*time.Hour)
	require.Equal(t, refund.StateInReview, c.State)
	require.Equal(t, noon.Add(31*time.Hour+todo.Resend), c.Todo[todo.StepDowntime])
	s.found.Payment.Disputes = nil
	c = s.looks(t, 51*time.Hour)
	require.Equal(t, []any{refund.StatePaying, "G2.3"}, []any{c.State, c.Decision.Clause})
}

func TestAnAppealIsNotAnsweredByAnOutage(t *testing.T) {
	s, _ := downClaim(t, down(2*time.Hour, 20*time.Hour))
	c := *s.found.Case
	require.Equal(t, refund.StateDeclined, c.State)
	c.State, c.Appeal = refund.StateInReview, &refund.Appeal{At: noon.Add(25 * time.Hour)}
	c.Decision = &policy.Decision{Outcome: policy.OutcomeInReview, Clause: "G2.3", Policy: c.Decision.Policy}
	require.False(t, c.AwaitsDowntime())
	s.found.Case, s.outages = &c, []outage.Outage{down(2*time.Hour, 90*time.Hour)}
	commits := len(s.effects)
	s.looks(t, 91*time.Hour)
	require.Len(t, s.effects, commits)
}

func TestOnlyAClaimInReviewWaitsForAnOutage(t *testing.T) {
	_, waits := downClaim(t, down(2*time.Hour, 0))
	require.True(t, waits.AwaitsDowntime())
	for name, spoil := range map[string]func(c *refund.Case){
		"of another kind":    func(c *refund.Case) { c.Kind = policy.KindChangeOfMind },
		"decided":            func(c *refund.Case) { c.State = refund.StateDeclined },
		"ruled on":           func(c *refund.Case) { c.Ruling = new(refund.Ruling) },
		"that a run made":    func(c *refund.Case) { c.Origin = origin.Origin{} },
		"appealed":           func(c *refund.Case) { c.Appeal = new(refund.Appeal) },
		"not decided":        func(c *refund.Case) { c.Decision = nil },
		"whose money failed": func(c *refund.Case) { c.Decision = &policy.Decision{Outcome: policy.OutcomeApproved} },
	} {
		c := waits
		spoil(&c)
		require.False(t, c.AwaitsDowntime(), name)
	}
}

func TestOfSeveralOutagesTheOneThatEntitlesIsMeantThenTheOneThatMay(t *testing.T) {
	short, goesOn := down(0, 12*time.Hour), down(20*time.Hour, 0)
	goesOn.ID = "out_bbbbbbbbbbbbbbbbbbbb"
	s, c := downClaim(t, short, goesOn)
	require.Equal(t, refund.StateInReview, c.State, "12 hours are over, 4 go on")
	c = s.looks(t, 69*time.Hour)
	require.Equal(t, refund.StatePaying, c.State)
	replays(t, c)

	goesOn.Features = []string{"upscale"} // so that they do not join
	s, _ = downClaim(t, down(0, 60*time.Hour), goesOn)
	require.Equal(t, refund.StatePaying, s.looks(t, 61*time.Hour).State, "60 hours are over, 41 go on")

	harmless := down(0, 23*time.Hour)
	harmless.ID, harmless.PreventedUse = "out_bbbbbbbbbbbbbbbbbbbb", false
	for _, all := range [][]outage.Outage{{short, harmless}, {harmless, short}} {
		_, c = downClaim(t, all...)
		require.Equal(t, "This downtime doesn't qualify: it didn't last more than 48 hours in a row after you bought your credits.", c.Decision.Reason)
	}

	before, after := down(-100*time.Hour, 10*time.Hour), down(12*time.Hour, 20*time.Hour)
	after.ID = "out_bbbbbbbbbbbbbbbbbbbb"
	_, c = downClaim(t, before, after)
	require.Equal(t, refund.StateDeclined, c.State, "110 hours, 10 of them after the purchase")
	replays(t, c)
}

func TestALostReceiptIsSentAgainInAMinuteThoughTheOutageGoesOnForLong(t *testing.T) {
	s, _ := downClaim(t)
	delete(s.found.Case.Todo, todo.StepNotice)
	s.outages = []outage.Outage{down(23*time.Hour, 0)}
	c := s.looks(t, 25*time.Hour)
	require.Equal(t, noon.Add(71*time.Hour+time.Millisecond), c.Todo.Due())
	s.outages = []outage.Outage{down(23*time.Hour, 24*time.Hour)}
	c = s.looks(t, 26*time.Hour)
	require.Equal(t, todo.List{todo.StepNotice: noon.Add(26*time.Hour + todo.Resend)}, c.Todo)
}

func TestAClaimThatIsAboutNoPurchaseOfItsCustomersIsLookedForOnce(t *testing.T) {
	another := granted("pi_1", starter, func(p *payment.Payment) { p.Purchase.Customer = "bob" })
	for name, p := range map[string]*payment.Payment{"nobody's": nil, "another's": another} {
		s := claimed(t, policy.KindOutage, p)
		s.outages = []outage.Outage{down(2*time.Hour, 90*time.Hour)}
		provider := &desk{}
		for n := range 3 {
			at := noon.Add(time.Duration(24+n*100) * time.Hour)
			require.NoError(t, s.decider(provider).Decide(t.Context(), message.NewCaseRequested(string(s.found.Case.ID), "", ""), at), name)
		}
		require.Equal(t, 1, provider.looks, name)
		require.Equal(t, []any{refund.StateInReview, "X3"}, []any{s.found.Case.State, s.found.Case.Decision.Clause}, name)
		require.Len(t, s.effects, 1, name)
	}
}

func TestAClaimOfAPaymentThatWaitedIsTakenOffItWhereAnOutageDecides(t *testing.T) {
	s := claimed(t, policy.KindOutage, granted("pi_1", starter, func(p *payment.Payment) {
		p.State, p.Purchase.Subtotal.Minor = payment.StateParked, 1
	}))
	require.Equal(t, "X3", s.deliver(t, "goopter", noon.Add(24*time.Hour)).Decision.Clause)
	s.outages = []outage.Outage{down(2*time.Hour, 20*time.Hour)}
	c := s.looks(t, 91*time.Hour)
	require.Equal(t, []any{refund.StateInReview, "G2.3"}, []any{c.State, c.Decision.Clause}, "it would be declined, were it not parked")
	require.False(t, c.Todo.Has(todo.StepDowntime), "the outage is over")
	s.outages[0].EndedAt = noon.Add(90 * time.Hour)
	require.True(t, s.found.Payment.HasClaim(string(c.ID)))

	credited := granted("pi_1", starter)
	credited.Claims, credited.Todo = s.found.Payment.Claims, s.found.Payment.Todo
	s.found.Payment = credited
	s.found.Wallet.Lots = claimed(t, policy.KindOutage, granted("pi_1", starter)).found.Wallet.Lots
	s.found.Wallet.Lots[0].Granted, s.found.Wallet.Lots[0].Remaining = 50, 20
	require.Equal(t, refund.StatePaying, s.looks(t, 91*time.Hour).State)
	require.False(t, s.found.Payment.HasClaim(string(c.ID)))
}

func TestAnOutageThatAClaimNamesIsMeantWheneverItBegan(t *testing.T) {
	s := claimed(t, policy.KindOutage, granted("pi_1", starter))
	s.found.Wallet.Lots[0].Granted, s.found.Wallet.Lots[0].Remaining = 50, 20
	s.found.Case.Outage = "out_aaaaaaaaaaaaaaaaaaaa"
	s.outages = []outage.Outage{down(25*time.Hour, 90*time.Hour)} // its start was corrected
	s.deliver(t, "goopter", noon.Add(24*time.Hour))
	require.Equal(t, refund.StatePaying, s.looks(t, 91*time.Hour).State)
}
