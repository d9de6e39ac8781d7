package generation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestAGenerationOnlyGoesForward(t *testing.T) {
	states := []generation.State{
		generation.StateHeld, generation.StateFailed, generation.StateCaptured, generation.StateReleased, generation.StateRefunded,
	}
	allowed := map[[2]generation.State]bool{
		{generation.StateHeld, generation.StateFailed}: true, {generation.StateHeld, generation.StateCaptured}: true,
		{generation.StateHeld, generation.StateReleased}: true, {generation.StateFailed, generation.StateCaptured}: true,
		{generation.StateFailed, generation.StateReleased}: true, {generation.StateCaptured, generation.StateRefunded}: true,
	}
	for _, from := range states {
		for _, to := range states {
			assert.Equal(t, allowed[[2]generation.State{from, to}], from.May(to), "%s to %s", from, to)
		}
	}
}

func TestAnIDCarriesItsCustomerAndDependsOnKeyAndCaller(t *testing.T) {
	alice := ledger.CustomerID("alice")
	id := generation.NewID(alice, "app", "key")
	require.Equal(t, alice.Key(), id.CustomerKey())
	require.Equal(t, id, generation.NewID(alice, "app", "key"))
	for _, other := range []generation.ID{
		generation.NewID("bob", "app", "key"), generation.NewID(alice, "app", "key2"), generation.NewID(alice, "appk", "ey"),
	} {
		require.NotEqual(t, id, other)
	}
	parsed, err := generation.ParseID(string(id))
	require.NoError(t, err)
	require.Equal(t, id, parsed)
	for _, wrong := range []string{"", "gen_", "cas_" + string(id)[4:], string(id) + "a", string(id)[:43] + "!", string(id)[:43] + "A"} {
		_, err := generation.ParseID(wrong)
		require.Equal(t, fault.KindNotFound, fault.KindOf(err), wrong)
	}
}

func TestAReleaseOfAPartSpendsTheRest(t *testing.T) {
	held := generation.Generation{Price: 12, State: generation.StateHeld}
	rapid.Check(t, func(t *rapid.T) {
		back := ledger.Credits(rapid.Int64Range(0, 12).Draw(t, "back"))
		settled := held.Release(back, noon)
		require.Equal(t, held.Price, settled.Captured+settled.Released)
		require.Equal(t, back == 12, settled.State == generation.StateReleased)
		require.Zero(t, settled.Held())
	})
}

// result returns a valid result, which a test then spoils.
func result(spoil func(*generation.Result)) generation.Result {
	r := generation.Result{
		Status: generation.StatusFailed, FinishedAt: noon,
		Failure: &generation.Failure{Cause: generation.CausePlatform, Code: "gpu_lost"},
	}
	spoil(&r)
	return r
}

func TestABadResultNamesItsField(t *testing.T) {
	require.NoError(t, result(func(*generation.Result) {}).Validate(noon))
	succeed := func(r *generation.Result) { r.Status, r.Failure = generation.StatusSucceeded, nil }
	for field, spoil := range map[string]func(*generation.Result){
		"status":          func(r *generation.Result) { r.Status = "done" },
		"failure":         func(r *generation.Result) { r.Failure = nil },
		"failure.cause":   func(r *generation.Result) { r.Failure.Cause = "weather" },
		"failure.code":    func(r *generation.Result) { r.Failure.Code = "" },
		"finished_at":     func(r *generation.Result) { r.FinishedAt = noon.Add(generation.MaxSkew + time.Millisecond) },
		"failed_attempts": func(r *generation.Result) { r.FailedAttempts = -1 },
		"outputs":         func(r *generation.Result) { r.Outputs = []generation.Output{{URL: "x"}} },
		" outputs":        func(r *generation.Result) { succeed(r); r.Outputs = make([]generation.Output, generation.MaxOutputs+1) },
	} {
		wantField(t, field, result(spoil).Validate(noon))
	}
	for _, broken := range []string{"0000-05-01T00:00:00Z", "0000-01-01T00:00:00+01:00", "1999-12-31T23:59:59Z"} {
		at, err := time.Parse(time.RFC3339, broken)
		require.NoError(t, err)
		err = result(func(r *generation.Result) { r.FinishedAt = at }).Validate(noon)
		require.Equal(t, fault.KindInvalid, fault.KindOf(err), broken)
	}
	require.NoError(t, result(func(r *generation.Result) { r.FinishedAt = noon.Add(generation.MaxSkew) }).Validate(noon))
	require.NoError(t, result(func(r *generation.Result) { r.FinishedAt = noon.Add(-24 * time.Hour) }).Validate(noon), "the app's word, even before the start")
}

func wantField(t *testing.T, field string, err error) {
	t.Helper()
	require.Equal(t, fault.KindInvalid, fault.KindOf(err), field)
	var named *fault.Error
	require.ErrorAs(t, err, &named)
	assert.Equal(t, strings.TrimSpace(field), named.Field)
}

func TestALinkThatNamesNoPictureIsRefusedOverHTTPAndLeftOutOfAMessage(t *testing.T) {
	https := func(characters int) string {
		return "https://" + strings.Repeat("字", characters-len("https://"))
	}
	outputs := func(urls ...string) (made []generation.Output) {
		for _, url := range urls {
			made = append(made, generation.Output{URL: url, SHA256: "abc"})
		}
		return made
	}
	whole := generation.Result{Status: generation.StatusSucceeded, FinishedAt: noon, Outputs: outputs(https(generation.MaxURL)), InputURL: "http://images.example/in.png"}
	require.NoError(t, whole.CheckLinks())
	assert.Equal(t, whole, generation.ResultOf(whole.Message("gen_x")))
	stored := whole
	stored.Outputs, stored.InputURL = outputs("s3://results/1.png"), "s3://uploads/of alice/in.png"
	require.NoError(t, stored.CheckLinks(), "an object of S3 is a link too")
	assert.Equal(t, stored, generation.ResultOf(stored.Message("gen_x")))
	for url, field := range map[string]string{
		"": "outputs[1].url", "javascript:alert(1)": "outputs[1].url", "s3://results": "outputs[1].url", https(generation.MaxURL + 1): "outputs[1].url",
	} {
		came := whole
		came.Outputs = outputs(https(20), url)
		wantField(t, field, came.CheckLinks())
		kept := generation.ResultOf(came.Message("gen_x"))
		require.NoError(t, kept.Validate(noon))
		assert.Equal(t, outputs(https(20), ""), kept.Outputs, "the picture came all the same")
		assert.Equal(t, url, came.Outputs[1].URL, "what was given is left alone")
	}
	for _, url := range []string{"data:text/html,x", https(generation.MaxURL + 1)} {
		came := whole
		came.InputURL = url
		wantField(t, "input.url", came.CheckLinks())
		assert.Empty(t, generation.ResultOf(came.Message("gen_x")).InputURL)
	}
}

func TestAWorkersWordsAreCutAndNeverRefused(t *testing.T) {
	long := result(func(r *generation.Result) {
		r.Failure.Code, r.Failure.Message = strings.Repeat("故", generation.MaxCode+1), strings.Repeat("障", generation.MaxMessage+1)
	})
	cut := long.Cut()
	require.NoError(t, cut.Validate(noon))
	assert.Equal(t, strings.Repeat("故", generation.MaxCode-1)+"…", cut.Failure.Code)
	assert.Equal(t, strings.Repeat("障", generation.MaxMessage-1)+"…", cut.Failure.Message)
	assert.Len(t, []rune(long.Failure.Message), generation.MaxMessage+1, "what was given is left alone")
	assert.Equal(t, cut, generation.ResultOf(long.Message("gen_x")), "on the queue as over HTTP")
	assert.Equal(t, cut, cut.Cut())

	came := generation.Result{Status: generation.StatusSucceeded, FinishedAt: noon, Outputs: []generation.Output{
		{URL: "https://" + strings.Repeat("字", generation.MaxURL-8), SHA256: strings.Repeat("a", 65), MediaType: strings.Repeat("b", 101)},
	}}
	cut = came.Cut()
	require.NoError(t, cut.Validate(noon))
	assert.Equal(t, []int{64, 100}, []int{len([]rune(cut.Outputs[0].SHA256)), len([]rune(cut.Outputs[0].MediaType))})
	assert.Len(t, came.Outputs[0].SHA256, 65)
}

func TestAResultSurvivesItsMessage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sent := generation.Result{Status: generation.StatusSucceeded, FinishedAt: noon, FailedAttempts: rapid.IntRange(0, 5).Draw(t, "attempts")}
		switch rapid.IntRange(0, 2).Draw(t, "outputs") {
		case 1:
			sent.Outputs = []generation.Output{}
		case 2:
			sent.Outputs = []generation.Output{{URL: "https://images.example/" + rapid.StringMatching(`[a-z0-9]*`).Draw(t, "url"), SHA256: "abc"}}
		}
		if rapid.Bool().Draw(t, "failed") {
			sent.Status, sent.Outputs = generation.StatusFailed, nil
			sent.Failure = &generation.Failure{Cause: generation.CauseSafety, Code: "blocked", Message: "no"}
		}
		read := generation.ResultOf(sent.Message("gen_x"))
		require.Equal(t, sent, read)
		require.Equal(t, sent.Hash(), read.Hash())
	})
}

func TestEachOutputThatCameHasItsShareAndTheRestNothing(t *testing.T) {
	draws := []ledger.Draw{{Lot: "lot_a", Credits: 5}, {Lot: "lot_b", Credits: 6}}
	made := generation.Generation{Outputs: 3, Price: 11, Draws: draws}
	require.Empty(t, made.OutputDraws(0), "nothing came yet")
	made.Result = &generation.Result{Status: generation.StatusFailed}
	require.Zero(t, made.Came())
	made.Result = &generation.Result{Status: generation.StatusSucceeded}
	require.Equal(t, 3, made.Came())
	require.Equal(t, []ledger.Draw{{Lot: "lot_a", Credits: 2}, {Lot: "lot_b", Credits: 1}}, made.OutputDraws(1))
	require.Equal(t, ledger.Credits(5), ledger.Sum(made.OutputDraws(2)), "the last takes the rest")
	made.Result.Outputs = []generation.Output{{URL: "https://images.example/0.png"}}
	require.Equal(t, ledger.Credits(3), ledger.Sum(made.OutputDraws(0)))
	for _, output := range []int{-1, 1, 2, 3} {
		require.Empty(t, made.OutputDraws(output), output)
	}
}

func TestAGenerationIsRefundedOnceAllThatWasSpentIsBack(t *testing.T) {
	spent := generation.Generation{Price: 12, Released: 4, Captured: 8, State: generation.StateCaptured}
	half := spent.Refund(4)
	require.Equal(t, generation.StateCaptured, half.State)
	require.Equal(t, ledger.Credits(4), half.Refunded)
	require.Equal(t, generation.StateRefunded, half.Refund(4).State)
}
