package refund_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

func TestAReportOpensOneCaseAndAsksForALook(t *testing.T) {
	s := made(2)
	opened, err := s.file(t, s.reported(1, "k"), noon.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, refund.Opened{Case: refund.ReportCaseID(s.found.Generation.ID, 1), State: refund.StateReceived}, opened)
	filed := s.found.Case
	require.Equal(t, "the hands are melted", filed.Statement.Description)
	require.Equal(t, noon.Add(time.Hour), filed.OpenedAt)
	require.Equal(t, []refund.Event{{At: filed.OpenedAt, State: refund.StateReceived, Actor: ledger.ActorApp}}, filed.History)
	require.Equal(t, []string{string(todo.StepAssess)}, filed.Todo.Names())
	require.Equal(t, []message.ResultReported{message.NewResultReported(string(opened.Case), string(s.found.Generation.ID))}, s.reports)
	require.Empty(t, s.requests)
}

func TestARepeatedReportGetsTheFirstAnswerAndAsksAgainWhileItIsOpen(t *testing.T) {
	s := made(1)
	first, err := s.file(t, s.reported(0, "k"), noon)
	require.NoError(t, err)
	again, err := s.file(t, s.reported(0, "k"), noon.Add(time.Minute))
	require.NoError(t, err)
	first.Replayed = true
	require.Equal(t, first, again)
	require.Len(t, s.reports, 2)
	s.deliver(t, "photoroom", noon.Add(time.Minute))
	again, err = s.file(t, s.reported(0, "k"), noon.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, first, again, "the first answer, whatever has come of it")
	require.Empty(t, s.reports)
}

func TestASecondReportOfOneOutputIsAConflictThatNamesItsCase(t *testing.T) {
	s := made(2)
	first, err := s.file(t, s.reported(0, "k"), noon)
	require.NoError(t, err)
	_, err = s.file(t, s.reported(0, "other"), noon)
	var refused *fault.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, fault.CodeAlreadyReported, refused.Code)
	require.Equal(t, string(first.Case), refused.Case)
	other := s.reported(0, "k")
	other.Statement.Description = "something else"
	_, err = s.file(t, other, noon)
	require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
	other = s.reported(0, "k")
	other.Statement.Usage.CommercialUse = true
	_, err = s.file(t, other, noon)
	require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
	require.Len(t, s.reports, 1)
}

func held(g *generation.Generation) { g.State, g.Result = generation.StateHeld, nil }

func TestAReportThatSaysNothingOrIsOfNothingIsRefused(t *testing.T) {
	failed := func(g *generation.Generation) {
		g.Result = &generation.Result{Status: generation.StatusFailed, FinishedAt: noon, Failure: &generation.Failure{Cause: generation.CauseInput, Code: "nsfw"}}
	}
	oneCame := func(g *generation.Generation) {
		g.Result.Outputs = []generation.Output{{URL: "https://images.example/0.png"}}
	}
	for name, c := range map[string]struct {
		shelf  *shelf
		change func(*refund.Report)
		field  string
	}{
		"no words":          {made(1), func(r *refund.Report) { r.Statement.Description = " \n" }, "description"},
		"too many words":    {made(1), func(r *refund.Report) { r.Statement.Description = strings.Repeat("ü", refund.MaxWords+1) }, "description"},
		"unknown issue":     {made(1), func(r *refund.Report) { r.Statement.Issue = "ugly" }, "issue"},
		"below zero":        {made(1), func(r *refund.Report) { r.Output = -1 }, "output"},
		"not asked for":     {made(2), func(r *refund.Report) { r.Output = 2 }, "output"},
		"did not come":      {made(2, oneCame), func(r *refund.Report) { r.Output = 1 }, "output"},
		"a failure":         {made(1, failed), func(*refund.Report) {}, "generation"},
		"never, while held": {made(1, held), func(r *refund.Report) { r.Output = 1 }, "output"},
	} {
		report := c.shelf.reported(0, "k")
		c.change(&report)
		_, err := c.shelf.file(t, report, noon)
		var refused *fault.Error
		require.ErrorAs(t, err, &refused, name)
		require.Equal(t, fault.KindInvalid, refused.Kind, name)
		require.Equal(t, c.field, refused.Field, name)
		require.Nil(t, c.shelf.found.Case, name)
		require.Empty(t, c.shelf.reports, name)
	}
}

func TestAReportBeforeItsResultMayComeAgain(t *testing.T) {
	shelf := made(1, held)
	_, err := shelf.file(t, shelf.reported(0, "k"), noon)
	var refused *fault.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []any{fault.KindConflict, generation.CodeResultPending, time.Second}, []any{refused.Kind, refused.Code, refused.RetryAfter})
	require.Nil(t, shelf.found.Case)
	require.Empty(t, shelf.reports)
}

func TestAReportOfWhatIsNotTheCallersIsOfNothing(t *testing.T) {
	s := made(1)
	report := s.reported(0, "k")
	report.See = func(customer ledger.CustomerID) error {
		require.Equal(t, ledger.CustomerID("alice"), customer)
		return fault.NotFound("generation")
	}
	_, err := s.file(t, report, noon)
	require.Equal(t, fault.KindNotFound, fault.KindOf(err))
	for _, id := range []generation.ID{"", "gen_x", generation.NewID("bob", "app", "key")} {
		report := s.reported(0, "k")
		report.Generation = id
		_, err := s.file(t, report, noon)
		require.Equal(t, fault.KindNotFound, fault.KindOf(err), id)
	}
	require.Nil(t, s.found.Case)
}

func TestAReportIsDurableBeforeItsRequestIsSent(t *testing.T) {
	s := made(1)
	lost := errors.New("the queue is away")
	_, err := refund.Reporter{Store: s, Assessments: deaf{lost}}.File(t.Context(), s.reported(0, "k"), noon)
	require.ErrorIs(t, err, lost)
	require.Equal(t, refund.StateReceived, s.found.Case.State)
	require.Equal(t, noon.Add(todo.Resend), s.found.Case.Todo.Due())
}
