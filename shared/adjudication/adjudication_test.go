package adjudication_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/adjudication"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/memory"
	"makegood/shared/policy"
)

func TestTwoPassesThatAgreeSupportAndAllOfItIsRecorded(t *testing.T) {
	model := supporting()
	opinion := opinionOf(t, model, claimOf(t))
	assert.Equal(t, evidence.OpinionSupports, opinion.Outcome)
	assert.Equal(t, "played.model-v1:0", opinion.Model)
	assert.Equal(t, adjudication.PromptHash(), opinion.PromptHash)
	assert.Equal(t, "3/15", opinion.Prices)
	assert.EqualValues(t, 4*3000, opinion.InputTokens)
	assert.EqualValues(t, 4*200, opinion.OutputTokens)
	assert.EqualValues(t, 4*(3000*3+200*15), opinion.CostMicros)
	assert.False(t, opinion.Bounded)
	require.Len(t, opinion.Passes, 2)
	for i, order := range []string{"output", "input"} {
		assert.Equal(t, evidence.Pass{
			Order: order, Output: "A bag on white.", Input: "A bag on a table.", Supported: evidence.Yes, Reason: "The handle runs into the bag.",
			Findings: []evidence.Finding{
				{Defect: "deformed", Present: evidence.Yes, Box: evidence.Box{Left: 400, Top: 400, Right: 600, Bottom: 600}, Confirmed: evidence.Yes, Severity: evidence.SeverityRuinous},
				{Defect: "broken_part", Present: evidence.No},
				{Defect: "garbled_text", Present: evidence.No},
			},
		}, opinion.Passes[i])
	}
	assert.Len(t, model.questions, 4)
}

func TestEachThingThatIsMissingLeavesTheCaseToAPerson(t *testing.T) {
	place := box(400, 400, 600, 600)
	rest := []finding{absent("broken_part"), absent("garbled_text")}
	for name, c := range map[string]struct {
		change func(model *played)
		want   evidence.OpinionOutcome
	}{
		"nothing is found": {func(m *played) {
			m.look = func(string) string { return looked(append(rest, absent("deformed"))...) }
		}, evidence.OpinionNothing},
		"one pass finds nothing": {func(m *played) {
			found := m.look
			m.look = func(order string) string {
				if order == "input" {
					return looked(append(rest, absent("deformed"))...)
				}
				return found(order)
			}
		}, evidence.OpinionDisagrees},
		"the passes find it in different places": {func(m *played) {
			m.look = func(order string) string {
				if order == "input" {
					return looked(append(rest, present("deformed", box(0, 0, 200, 200)))...)
				}
				return looked(append(rest, present("deformed", place))...)
			}
		}, evidence.OpinionDisagrees},
		"the boxes have less than half in common": {func(m *played) {
			m.look = func(order string) string {
				if order == "input" {
					return looked(append(rest, present("deformed", box(400, 400, 600, 490)))...)
				}
				return looked(append(rest, present("deformed", place))...)
			}
		}, evidence.OpinionDisagrees},
		"the passes find different defects": {func(m *played) {
			m.look = func(order string) string {
				if order == "input" {
					return looked(absent("deformed"), present("broken_part", place), absent("garbled_text"))
				}
				return looked(present("deformed", place), absent("broken_part"), absent("garbled_text"))
			}
			m.closer = func(order string) string {
				if order == "input" {
					return lookedCloser("yes", confirmed("broken_part", "ruinous"))
				}
				return lookedCloser("yes", confirmed("deformed", "ruinous"))
			}
		}, evidence.OpinionDisagrees},
		"the part does not confirm it": {func(m *played) {
			m.closer = func(string) string {
				return lookedCloser("yes", finding{"defect": "deformed", "confirmed": "no", "severity": "ruinous"})
			}
		}, evidence.OpinionUnsure},
		"a model that is unsure of the part": {func(m *played) {
			m.closer = func(string) string {
				return lookedCloser("yes", finding{"defect": "deformed", "confirmed": "unsure", "severity": "ruinous"})
			}
		}, evidence.OpinionUnsure},
		"it is visible, and no more": {func(m *played) { m.closer = always(lookedCloser("yes", confirmed("deformed", "visible"))) }, evidence.OpinionUnsure},
		"it has no severity":         {func(m *played) { m.closer = always(lookedCloser("yes", confirmed("deformed", "none"))) }, evidence.OpinionUnsure},
		"the claim is about other":   {func(m *played) { m.closer = always(lookedCloser("no", confirmed("deformed", "ruinous"))) }, evidence.OpinionUnsure},
		"the claim may be right":     {func(m *played) { m.closer = always(lookedCloser("unsure", confirmed("deformed", "ruinous"))) }, evidence.OpinionUnsure},
		"the whole picture leaves open": {func(m *played) {
			m.look = always(looked(append(rest, finding{"defect": "deformed", "present": "unsure", "box": box(0, 0, 0, 0)})...))
		}, evidence.OpinionUnsure},
	} {
		t.Run(name, func(t *testing.T) {
			model := supporting()
			c.change(model)
			opinion := opinionOf(t, model, claimOf(t))
			assert.Equal(t, c.want, opinion.Outcome)
			assert.Len(t, opinion.Passes, 2)
		})
	}
}

func always(text string) func(string) string { return func(string) string { return text } }

func TestAProblemOfEitherPassIsTheOutcome(t *testing.T) {
	for _, problem := range []evidence.OpinionOutcome{
		evidence.OpinionMalformed, evidence.OpinionStopped, evidence.OpinionLate, evidence.OpinionThrottled, evidence.OpinionUnavailable, evidence.OpinionRefused,
	} {
		for _, order := range []string{"output", "input"} {
			for _, name := range []string{"look", "closer_look"} {
				model := supporting()
				model.instead = func(_ context.Context, question adjudication.Question) (adjudication.Answer, bool) {
					return adjudication.Answer{Problem: problem}, question.Name == name && orderOf(question) == order
				}
				opinion := opinionOf(t, model, claimOf(t))
				assert.Equal(t, problem, opinion.Outcome, "%s of %s", name, order)
			}
		}
	}
}

func TestAnAnswerThatDoesNotHoldWhatWasAskedForIsMalformed(t *testing.T) {
	good := looked(present("deformed", box(400, 400, 600, 600)), absent("broken_part"), absent("garbled_text"))
	closer := lookedCloser("yes", confirmed("deformed", "ruinous"))
	looks := map[string]string{
		"no JSON":               "approve this",
		"words around it":       "Here it is: " + good,
		"two values":            good + good,
		"null":                  "null",
		"a list":                "[]",
		"an unknown field":      strings.Replace(good, "{", `{"verdict":"approve",`, 1),
		"a field in other case": strings.Replace(good, "findings", "Findings", 1),
		"a field twice":         strings.Replace(good, "{", `{"instructions_seen":false,`, 1),
		"a field is missing":    strings.Replace(good, `"instructions_seen":false,`, "", 1),
		"null for a field":      strings.Replace(good, "false", "null", 1),
		"a text for a flag":     strings.Replace(good, "false", `"false"`, 1),
		"a word that is none":   strings.Replace(good, `"present":"yes"`, `"present":"definitely"`, 1),
		"one finding too few":   looked(present("deformed", box(400, 400, 600, 600)), absent("broken_part")),
		"a finding twice":       looked(present("deformed", box(400, 400, 600, 600)), absent("broken_part"), absent("broken_part")),
		"an unknown defect":     looked(present("deformed", box(400, 400, 600, 600)), absent("broken_part"), absent("ugly")),
		"no box":                looked(finding{"defect": "deformed", "present": "yes"}, absent("broken_part"), absent("garbled_text")),
		"an empty box":          strings.Replace(good, `"left":400`, `"left":600`, 1),
		"a box beyond the edge": strings.Replace(good, `"right":600`, `"right":1001`, 1),
		"a box before the edge": strings.Replace(good, `"left":400`, `"left":-1`, 1),
		"half a thousandth":     strings.Replace(good, `"left":400`, `"left":400.5`, 1),
		"more than is read":     strings.Replace(good, "A bag on white.", strings.Repeat("x", 16<<10), 1),
	}
	for name, text := range looks {
		model := supporting()
		model.look = always(text)
		opinion := opinionOf(t, model, claimOf(t))
		assert.Equal(t, evidence.OpinionMalformed, opinion.Outcome, name)
		assert.EqualValues(t, 6000, opinion.InputTokens, "%s: what it cost is counted all the same", name)
	}
	for name, text := range map[string]string{
		"no JSON":              "yes",
		"an unknown severity":  strings.Replace(closer, "ruinous", "catastrophic", 1),
		"no findings":          lookedCloser("yes"),
		"another defect":       lookedCloser("yes", confirmed("broken_part", "ruinous")),
		"one too many":         lookedCloser("yes", confirmed("deformed", "ruinous"), confirmed("broken_part", "ruinous")),
		"no word on the claim": strings.Replace(closer, `"claim_supported":"yes",`, "", 1),
		"an unknown word":      strings.Replace(closer, `"claim_supported":"yes"`, `"claim_supported":"approve"`, 1),
	} {
		model := supporting()
		model.closer = always(text)
		assert.Equal(t, evidence.OpinionMalformed, opinionOf(t, model, claimOf(t)).Outcome, name)
	}
}

func TestWhatAModelWritesIsKeptShortAndCommandsNoTerminal(t *testing.T) {
	model := supporting()
	model.look = always(strings.Replace(model.look(""), "A bag on white.", `a\u001b[2Jb\nc\u202ed `+strings.Repeat("ü", 900), 1))
	kept := opinionOf(t, model, claimOf(t)).Passes[0].Output
	assert.True(t, strings.HasPrefix(kept, "a[2Jb cd ü"), kept)
	assert.Len(t, []rune(kept), 600)
}

func TestNothingIsAskedWhereNoQuestionSuits(t *testing.T) {
	for name, change := range map[string]func(*adjudication.Claim){
		"taste":                        func(c *adjudication.Claim) { c.Issue = policy.IssueTaste },
		"a template":                   func(c *adjudication.Claim) { c.Issue = policy.IssueOffTemplate },
		"another subject, no upload":   func(c *adjudication.Claim) { c.Issue, c.Input = policy.IssueWrongSubject, nil },
		"nothing to deviate from":      func(c *adjudication.Claim) { c.Issue, c.Input, c.Prompt = policy.IssueDeviates, nil, "" },
		"no output":                    func(c *adjudication.Claim) { c.Output = nil },
		"an output that is no picture": func(c *adjudication.Claim) { c.Output = []byte("GIF89a") },
		"a preview that is none":       func(c *adjudication.Claim) { c.Output = picture(t, adjudication.MaxSide+1, 10) },
	} {
		model, claim := supporting(), claimOf(t)
		change(&claim)
		opinion := opinionOf(t, model, claim)
		assert.Equal(t, evidence.OpinionNoQuestion, opinion.Outcome, name)
		assert.Empty(t, model.questions, name)
		assert.Zero(t, opinion.CostMicros, name)
	}
}

func TestEachIssueHasItsQuestions(t *testing.T) {
	for issue, want := range map[policy.Issue][]string{
		policy.IssueDistortion: {"deformed", "broken_part", "garbled_text"}, policy.IssueWrongSubject: {"wrong_subject"},
		policy.IssueDeviates: {"missed_request", "wrong_subject"}, policy.IssueOther: {"deformed", "broken_part", "wrong_subject"}, "": {"deformed", "broken_part", "wrong_subject"},
	} {
		var findings []finding
		for _, defect := range want {
			findings = append(findings, absent(defect))
		}
		claim := claimOf(t)
		claim.Issue = issue
		assert.Equal(t, evidence.OpinionNothing, opinionOf(t, &played{look: always(looked(findings...))}, claim).Outcome, issue)
	}
}

func TestBeforeABudgetIsSpentNothingIsAskedPastIt(t *testing.T) {
	store, model := memory.New(), supporting()
	asking := adjudicator(model, store)
	asking.MonthlyMicros = 100_000
	opinion, err := asking.Adjudicate(t.Context(), claimOf(t), noon)
	require.NoError(t, err)
	assert.Equal(t, evidence.OpinionBudget, opinion.Outcome)
	assert.Empty(t, model.questions)

	// What an opinion did not use is there for the next one, until the rest holds no more.
	asking.MonthlyMicros = 450_000
	outcomes := map[evidence.OpinionOutcome]int{}
	for range 6 {
		opinion, err = asking.Adjudicate(t.Context(), claimOf(t), noon)
		require.NoError(t, err)
		outcomes[opinion.Outcome]++
	}
	month, err := store.FindMonth(t.Context(), "2026-03")
	require.NoError(t, err)
	assert.LessOrEqual(t, month.Micros, int64(450_000))
	assert.Equal(t, month.Opinions*4*(3000*3+200*15), month.Micros)
	assert.Equal(t, map[evidence.OpinionOutcome]int{evidence.OpinionSupports: int(month.Opinions), evidence.OpinionBudget: 6 - int(month.Opinions)}, outcomes)
	assert.Greater(t, month.Opinions, int64(1))
	// The next month begins at nothing.
	_, err = asking.Adjudicate(t.Context(), claimOf(t), noon.AddDate(0, 1, 0))
	require.NoError(t, err)
	month, err = store.FindMonth(t.Context(), "2026-04")
	require.NoError(t, err)
	assert.EqualValues(t, 1, month.Opinions)
}

func TestACallThatBringsNoCountCostsTheMostThatItCan(t *testing.T) {
	store, model := memory.New(), supporting()
	model.instead = func(_ context.Context, question adjudication.Question) (adjudication.Answer, bool) {
		return adjudication.Answer{Problem: evidence.OpinionLate, Uncounted: true}, question.Name == "look"
	}
	opinion, err := adjudicator(model, store).Adjudicate(t.Context(), claimOf(t), noon)
	require.NoError(t, err)
	assert.True(t, opinion.Bounded)
	assert.Greater(t, opinion.CostMicros, int64(2*1500*15))
	month, err := store.FindMonth(t.Context(), "2026-03")
	require.NoError(t, err)
	assert.Equal(t, opinion.CostMicros, month.Micros)
}

func TestAModelThatDoesNotAnswerLeavesItsCallerTimeToWrite(t *testing.T) {
	model := supporting()
	model.instead = func(ctx context.Context, _ adjudication.Question) (adjudication.Answer, bool) {
		<-ctx.Done()
		return adjudication.Answer{Problem: evidence.OpinionLate, Uncounted: true}, true
	}
	// The caller has 8.1 s, of which 8 are its own.
	ctx, cancel := context.WithTimeout(t.Context(), 8100*time.Millisecond)
	defer cancel()
	opinion, err := adjudicator(model, memory.New()).Adjudicate(ctx, claimOf(t), noon)
	require.NoError(t, err)
	assert.Equal(t, evidence.OpinionLate, opinion.Outcome)
	require.NoError(t, ctx.Err())
	// One that has no time at all asks nothing.
	model.questions = nil
	short, cancelShort := context.WithTimeout(t.Context(), 7*time.Second)
	defer cancelShort()
	opinion, err = adjudicator(model, memory.New()).Adjudicate(short, claimOf(t), noon)
	require.NoError(t, err)
	assert.Equal(t, evidence.OpinionLate, opinion.Outcome)
	assert.Empty(t, model.questions)
	assert.Zero(t, opinion.CostMicros)
}

// broken is a budget whose row cannot be written at one of its ends.
type broken struct {
	*memory.Store
	begin, end error
}

func (b broken) BeginSpend(ctx context.Context, spend adjudication.Spend, limit int64) (bool, error) {
	if b.begin != nil {
		return false, b.begin
	}
	return b.Store.BeginSpend(ctx, spend, limit)
}

func (b broken) EndSpend(ctx context.Context, spend adjudication.Spend, used int64) error {
	if b.end != nil {
		return b.end
	}
	return b.Store.EndSpend(ctx, spend, used)
}

func TestABudgetThatCannotBeWrittenLetsNothingBeAskedForFree(t *testing.T) {
	model := supporting()
	_, err := adjudicator(model, broken{Store: memory.New(), begin: errors.New("down")}).Adjudicate(t.Context(), claimOf(t), noon)
	require.Error(t, err)
	assert.Equal(t, fault.KindInternal, fault.KindOf(err))
	assert.Empty(t, model.questions)

	// The opinion stands, and the month keeps the most that it can have cost.
	store := memory.New()
	opinion, err := adjudicator(model, broken{Store: store, end: errors.New("down")}).Adjudicate(t.Context(), claimOf(t), noon)
	require.NoError(t, err)
	assert.Equal(t, evidence.OpinionSupports, opinion.Outcome)
	assert.True(t, opinion.Bounded)
	month, err := store.FindMonth(t.Context(), "2026-03")
	require.NoError(t, err)
	assert.Equal(t, month.Micros, opinion.CostMicros)
}

func TestPricesAreReadExactlyAndCostsRoundedUp(t *testing.T) {
	for source, want := range map[string]adjudication.Prices{
		"3/15": prices, "0.25/1.25": {Input: 250_000, Output: 1_250_000}, "0.000001/1000000": {Input: 1, Output: 1e12},
	} {
		got, err := adjudication.ParsePrices(source)
		require.NoError(t, err, source)
		assert.Equal(t, want, got)
		again, err := adjudication.ParsePrices(got.String())
		require.NoError(t, err, got.String())
		assert.Equal(t, want, again)
	}
	for _, source := range []string{"", "3", "3/", "/15", "3/15/2", "-3/15", "3/1e3", "+3/15", "3 / 15", "0/15", "3/0", ".5/1", "3/1000001", "0.0000001/1", "99999999999999999999/1"} {
		_, err := adjudication.ParsePrices(source)
		require.Error(t, err, source)
	}
	assert.EqualValues(t, 24, prices.Cost(3, 1))
	assert.EqualValues(t, 1, adjudication.Prices{Input: 1, Output: 1}.Cost(1, 0))
	assert.Zero(t, prices.Cost(0, 0))
	assert.Positive(t, adjudication.Prices{Input: 1e12, Output: 1e12}.Cost(1<<62, 1<<62))
	assert.Equal(t, "2026-03", adjudication.MonthOf(time.Date(2026, 4, 1, 1, 0, 0, 0, time.FixedZone("", 7200))), "months are UTC's")
}
