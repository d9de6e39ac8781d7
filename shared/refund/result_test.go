package refund_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// judged files a report on output 0 after that long, and returns the case as the named policy
// leaves it.
func (s *shelf) judged(t *testing.T, name string, after time.Duration, change ...func(*refund.Report)) refund.Case {
	t.Helper()
	report := s.reported(0, "k")
	for _, spoil := range change {
		spoil(&report)
	}
	_, err := s.file(t, report, noon.Add(after))
	require.NoError(t, err)
	return s.deliver(t, name, noon.Add(after+time.Second))
}

func TestEachPolicyAnswersAReportByItsOwnClause(t *testing.T) {
	on := func(change func(*generation.Generation)) func() *shelf {
		return func() *shelf { return made(1, change) }
	}
	plain := func() *shelf { return made(1) }
	batch := on(func(g *generation.Generation) { g.Surface = generation.SurfaceBatch })
	free := on(func(g *generation.Generation) { g.Mode, g.Price, g.Draws = generation.ModeFree, 0, nil })
	shadows := on(func(g *generation.Generation) { g.Feature = "ai-shadows" })
	dress := on(func(g *generation.Generation) { g.Feature = "virtual-try-on" })
	with := func(standing ledger.Standing, base func() *shelf) func() *shelf {
		return func() *shelf { s := base(); s.found.Wallet.Standing = standing; return s }
	}
	for _, c := range []struct {
		policy string
		shelf  func() *shelf
		after  time.Duration
		state  refund.State
		clause string
	}{
		{"photoroom", plain, time.Hour, refund.StateInReview, "R8"},
		{"photoroom", plain, 24 * time.Hour, refund.StateInReview, "R8"},
		{"photoroom", plain, 24*time.Hour + time.Millisecond, refund.StateDeclined, "R7"},
		{"photoroom", batch, time.Hour, refund.StateDeclined, "R12"},
		{"photoroom", shadows, time.Hour, refund.StateDeclined, "R11"},
		{"photoroom", free, time.Hour, refund.StateDeclined, "X2"},
		{"photoroom", with(ledger.StandingRestricted, plain), time.Hour, refund.StateDeclined, "R10"},
		{"popcustoms", dress, time.Hour, refund.StateInReview, "P5.3"},
		{"popcustoms", dress, 25 * time.Hour, refund.StateDeclined, "P5.1"},
		{"popcustoms", plain, time.Hour, refund.StateDeclined, "P1"},
		{"popcustoms", free, time.Hour, refund.StateDeclined, "P4.4"},
		{"popcustoms", with(ledger.StandingTerminated, dress), time.Hour, refund.StateDeclined, "P6.2"},
		{"goopter", plain, time.Hour, refund.StateDeclined, "G3.2"},
		{"goopter", with(ledger.StandingTerminated, plain), time.Hour, refund.StateDeclined, "G3.4"},
		{"goopter", with(ledger.StandingRestricted, plain), time.Hour, refund.StateDeclined, "G3.2"},
	} {
		s := c.shelf()
		decided := s.judged(t, c.policy, c.after)
		name := fmt.Sprint(c.policy, " ", c.clause)
		require.Equal(t, c.clause, decided.Decision.Clause, name)
		require.Equal(t, c.state, decided.State, name)
		require.Equal(t, []message.RefundDecided{message.NewRefundDecided(string(decided.ID))}, s.told, name)
		require.Nil(t, s.last().Generation, "nothing is given back: %s", name)
		require.True(t, s.last().Posting.Empty(), name)
		require.Equal(t, c.state == refund.StateInReview, !decided.ReviewBy.IsZero(), name)
		require.Len(t, decided.History, 2, name)
	}
}

func TestWhatTheCallerSaysIsWeighedAsSaid(t *testing.T) {
	dress := func(g *generation.Generation) { g.Feature = "virtual-try-on" }
	for clause, say := range map[string]func(*refund.Report){
		"P4.5": func(r *refund.Report) { r.Statement.Usage.BulkDownloaded = true },
		"P4.2": func(r *refund.Report) { r.Statement.Issue = policy.IssueTaste },
	} {
		decided := made(1, dress).judged(t, "popcustoms", time.Hour, say)
		require.Equal(t, clause, decided.Decision.Clause)
	}
}

func TestAVerdictLeavesTheCasesInstantWhileThatIsFarEnough(t *testing.T) {
	s := made(1)
	_, err := s.file(t, s.reported(0, "k"), noon)
	require.NoError(t, err)
	due := s.found.Case.Todo.Due()
	decided := s.deliver(t, "goopter", noon.Add(time.Second))
	require.Equal(t, todo.List{todo.StepNotice: due}, decided.Todo, "an instant that stays costs no index write")

	s = made(1)
	_, err = s.file(t, s.reported(0, "k"), noon)
	require.NoError(t, err)
	decided = s.deliver(t, "goopter", noon.Add(50*time.Second))
	require.Equal(t, todo.List{todo.StepNotice: noon.Add(50*time.Second + todo.Resend)}, decided.Todo)
}

func TestADecidedReportIsToldAgainAndNotMadeAgain(t *testing.T) {
	s := made(1)
	s.judged(t, "goopter", time.Hour)
	s.requests = []message.RefundRequested{message.NewCaseRequested(string(s.found.Case.ID), "", "")}
	s.deliver(t, "goopter", noon.Add(2*time.Hour))
	require.Len(t, s.effects, 1)
	require.Len(t, s.told, 2)
	s.found.Case.Todo = nil
	s.requests = []message.RefundRequested{message.NewCaseRequested(string(s.found.Case.ID), "", "")}
	s.deliver(t, "goopter", noon.Add(2*time.Hour))
	require.Len(t, s.told, 2, "told and done")
}

func TestARequestThatDoesNotNameTheGenerationReadsAgain(t *testing.T) {
	s := made(1)
	_, err := s.file(t, s.reported(0, "k"), noon)
	require.NoError(t, err)
	s.looked()
	s.requests = []message.RefundRequested{message.NewCaseRequested(string(s.found.Case.ID), "", "")}
	require.Equal(t, "R8", s.deliver(t, "photoroom", noon).Decision.Clause)
	require.Len(t, s.matters, 2)
	require.Equal(t, s.found.Generation.ID, s.matters[1].Generation)

	s = made(1)
	_, err = s.file(t, s.reported(0, "k"), noon)
	require.NoError(t, err)
	other := string(generation.NewID("bob", "app", "key"))
	s.looked()
	s.requests = []message.RefundRequested{message.NewCaseRequested(string(s.found.Case.ID), other, "pi_x")}
	require.Equal(t, "R8", s.deliver(t, "photoroom", noon).Decision.Clause, "what the message says is a hint")
}

func TestAStaleDecisionIsMadeAgainOnWhatStandsNow(t *testing.T) {
	s := made(1)
	s.stale = 3
	require.Equal(t, refund.StateInReview, s.judged(t, "photoroom", time.Hour).State)
	require.Len(t, s.effects, 1)
}

// recent returns so many other requests of the last days, the first of them refunded.
func recent(requests, refunds int) refund.Recent {
	var found refund.Recent
	for i := range requests {
		found = append(found, refund.RecentRequest{
			Case: refund.NewCaseID(ledger.CustomerID("alice").Key(), policy.KindBadResult, fmt.Sprint(i)),
			At:   noon.Add(-time.Duration(requests-i) * time.Hour), Refunded: i < refunds,
		})
	}
	return found
}

func TestMoreRequestsThanTheLimitGoToAPerson(t *testing.T) {
	for requests, clause := range map[int]string{20: "R8", 21: "R10"} {
		s := made(1)
		s.found.Recent = recent(requests, 0)
		decided := s.judged(t, "photoroom", time.Hour)
		require.Equal(t, clause, decided.Decision.Clause)
		require.Equal(t, refund.StateInReview, decided.State)
		require.Equal(t, requests, decided.Known.Requests30d)
		after := s.last().Recent.After
		require.Len(t, after, 21, "as many as the limit asks about")
		require.Equal(t, decided.ID, after[20].Case)
	}
}

func TestAShareOfRefundsOverTheLimitGoesToAPerson(t *testing.T) {
	for _, c := range []struct {
		refunds, generations int
		clause               string
		counted              []int
	}{
		{3, 10, "R8", []int{1000}}, // three of ten are no more than 30 %: counted for staff only
		{4, 9, "R8", []int{14, 1000}},
		{4, 10, "R10", []int{14, 1000}},
		{4, 13, "R10", []int{14, 1000}},
		{4, 14, "R8", []int{14, 1000}},
		{4, 61, "R8", []int{14, 1000}}, // staff see all of them
		{0, 0, "R8", []int{1000}},
	} {
		s := made(1)
		s.found.Recent, s.generations = recent(c.refunds, c.refunds), c.generations
		decided := s.judged(t, "photoroom", time.Hour)
		require.Equal(t, c.clause, decided.Decision.Clause, c)
		require.Equal(t, c.generations, decided.Known.Generations30d, c)
		require.Equal(t, c.refunds, decided.Known.Refunds30d, c)
		require.Equal(t, c.counted, s.counted, c)
	}
}

func TestADeclinedReportOfAnHonestCustomerCountsNoGenerations(t *testing.T) {
	s := made(1)
	s.judged(t, "goopter", time.Hour)
	require.Empty(t, s.counted)
}

func TestRequestsOlderThanThirtyDaysCountNoMore(t *testing.T) {
	s := made(1)
	s.found.Recent = refund.Recent{
		{Case: refund.NewCaseID(ledger.CustomerID("alice").Key(), policy.KindBadResult, "old"), At: noon.Add(time.Hour - 30*24*time.Hour - 1)},
		{Case: refund.NewCaseID(ledger.CustomerID("alice").Key(), policy.KindBadResult, "just"), At: noon.Add(time.Hour - 30*24*time.Hour)},
	}
	decided := s.judged(t, "photoroom", time.Hour)
	require.Equal(t, 1, decided.Known.Requests30d)
	require.Len(t, s.last().Recent.After, 2)
}

func TestRequestsThatCameLaterButWereDecidedFirstCountToo(t *testing.T) {
	s := made(1)
	for i := range 21 {
		s.found.Recent = append(s.found.Recent, refund.RecentRequest{
			Case: refund.NewCaseID(ledger.CustomerID("alice").Key(), policy.KindBadResult, fmt.Sprint(i)), At: noon.Add(2 * time.Hour),
		})
	}
	require.Equal(t, "R10", s.judged(t, "photoroom", time.Hour).Decision.Clause)
}

func TestAnErasedReportIsStillDecided(t *testing.T) {
	s := made(1)
	_, err := s.file(t, s.reported(0, "k"), noon)
	require.NoError(t, err)
	s.found.Case.Statement = nil
	require.Equal(t, "G3.2", s.deliver(t, "goopter", noon).Decision.Clause)
}
