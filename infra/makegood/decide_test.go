package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/policy"
)

// The facts of a failed generation of photoroom, which R1 approves with 2 credits, and those of a
// charge that goes to a person.
const (
	failed = `{"policy":"photoroom","kind":"technical_failure","requested_at":"2026-11-18T13:00:00Z","generation":{"id":"gen_1",` +
		`"feature":"recolor","platform":"web","status":"failed","finished_at":"2026-11-18T12:00:00Z","price":2,"failure":{"cause":"platform","code":"gpu"}}}`
	charged = `{"policy":"goopter","kind":"duplicate_charge","requested_at":"2026-11-18T12:00:00Z","purchase":{"id":"pay_2","package":"pro",` +
		`"paid_at":"2026-11-17T12:00:00Z","amount":{"currency":"USD","minor":2000},"credits":300,"credited":true%s}}`
)

// line joins facts and what is wanted of them.
func line(facts, want string) string {
	return fmt.Sprintf(`{"name":"a case","facts":%s,"want":%s}`, facts, want)
}

// printed reads every line of output, which must be JSON.
func printed(t require.TestingT, out string) []map[string]any {
	var all []map[string]any
	for text := range strings.Lines(out) {
		require.True(t, strings.HasSuffix(text, "\n"))
		var one map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &one), text)
		all = append(all, one)
	}
	return all
}

func TestEveryCaseOfThePublishedPoliciesComesOutAsWanted(t *testing.T) {
	cases := 0
	for _, name := range []string{"decisions.jsonl", "decisions_own.jsonl"} {
		file := policies + "/testdata/" + name
		got := call("", "decide", file)
		assert.Equal(t, exitDone, got.code, got.err)
		lines := strings.Count(read(t, file), "\n")
		assert.Len(t, printed(t, got.out), lines)
		assert.Contains(t, got.err, fmt.Sprintf("%d of %d as wanted; 0 not decided", lines, lines))
		cases += lines
	}
	assert.Greater(t, cases, 68)
}

func TestAnAnswerHasTheFormOfTheContract(t *testing.T) {
	got := call(failed, "decide", "-")
	require.Equal(t, exitDone, got.code, got.err)
	assert.Empty(t, got.err)
	p, err := policy.Open("photoroom")
	require.NoError(t, err)
	assert.JSONEq(t, `{"outcome":"approved","clause":"R1","rule":3,"reason":"This generation failed due to a technical error, so its 2 AI credits remain in your allowance.",
		"remedy":{"credits":2,"to":"balance"},"policy":{"name":"photoroom","revision":"2026-01-01","digest":"`+p.Revisions()[0].Digest+`"},
		"trace":[{"clause":"X1","rule":1,"matched":false},{"clause":"X2","rule":2,"matched":false},{"clause":"R1","rule":3,"matched":true}]}`, got.out)
	assert.Equal(t, got.out, call("\n"+line(failed, `{"outcome":"approved","clause":"R1","remedy":{"credits":2}}`)+"\r\n\n", "decide", "-", "--json").out,
		"blank lines, a name and a fulfilled want change nothing")

	assert.Contains(t, call(strings.Replace(failed, "photoroom", "<&>", 1), "decide", "-").out, `unknown policy \"<&>\"`, "text is shown as it is")

	money := printed(t, call(fmt.Sprintf(charged, `,"duplicate_of":"pay_1"`), "decide", "-").out)[0]
	assert.Equal(t, map[string]any{"money": map[string]any{"currency": "USD", "minor": 2000.0}, "to": "payment_method"}, money["remedy"])
	assert.Equal(t, "2026-12-02T12:00:00Z", money["pay_by"])
	assert.NotContains(t, money, "respond_by")
	review := printed(t, call(fmt.Sprintf(charged, ""), "decide", "-").out)[0]
	assert.Equal(t, "2026-11-25T12:00:00Z", review["respond_by"])
	assert.NotContains(t, review, "remedy")
}

func TestADecisionThatIsNotAsWantedNamesTheDifference(t *testing.T) {
	paid := fmt.Sprintf(charged, `,"duplicate_of":"pay_1"`)
	review := fmt.Sprintf(charged, "")
	for _, test := range []struct{ facts, want, field, wanted, got string }{
		{failed, `{"clause":"R2","remedy":{"credits":2}}`, "clause", `"R2"`, `"R1"`},
		{failed, `{"outcome":"approved"}`, "remedy", "none", `{"credits":2,"to":"balance"}`},
		{failed, `{"outcome":"approved","remedy":null}`, "remedy", "none", `{"credits":2,"to":"balance"}`},
		{failed, `{"remedy":{"credits":3}}`, "remedy.credits", "3", "2"},
		{strings.Replace(failed, `"price":2`, `"price":9007199254740993`, 1), `{"remedy":{"credits":9007199254740992}}`, "remedy.credits", "9007199254740992", "9007199254740993"},
		{failed, `{"remedy":{"credits":"2"}}`, "remedy.credits", `"2"`, "2"},
		{failed, `{"remedy":{"credits":2,"to":"payment_method"}}`, "remedy.to", `"payment_method"`, `"balance"`},
		{failed, `{"remedy":{"money":{"currency":"USD","minor":2}}}`, "remedy.money", `{"currency":"USD","minor":2}`, "none"},
		{paid, `{"remedy":{"money":{"currency":"EUR","minor":2000}}}`, "remedy.money.currency", `"EUR"`, `"USD"`},
		{paid, `{"remedy":{"money":{"currency":"USD","minor":2000}},"pay_by":"2026-12-02T12:00:01Z"}`, "pay_by", `"2026-12-02T12:00:01Z"`, `"2026-12-02T12:00:00Z"`},
		{paid, `{"remedy":{"money":{"currency":"USD","minor":2000}},"pay_by":null}`, "pay_by", "none", `"2026-12-02T12:00:00Z"`},
		{review, `{"remedy":{"credits":300}}`, "remedy", `{"credits":300}`, "none"},
		{review, `{"pay_by":"2026-12-02T12:00:00Z"}`, "pay_by", `"2026-12-02T12:00:00Z"`, "none"},
		{failed, `{"remedy":{"credits":2},"policy":{"revision":"2025-01-01"}}`, "policy.revision", `"2025-01-01"`, `"2026-01-01"`},
		{failed, `{"remedy":{"credits":2},"trace":[]}`, "trace", `[]`, `[{"clause":"X1","matched":false,"rule":1},{"clause":"X2","matched":false,"rule":2},{"clause":"R1","matched":true,"rule":3}]`},
	} {
		got := call(line(test.facts, test.want), "decide", "-")
		assert.Equal(t, exitMismatch, got.code, test.want)
		assert.Contains(t, got.err, fmt.Sprintf("-:1: a case: %s: want %s, got %s\n", test.field, test.wanted, test.got), test.want)
		differences := printed(t, got.out)[0]["differences"]
		require.Len(t, differences, 1, test.want)
		assert.Equal(t, test.field, differences.([]any)[0].(map[string]any)["field"])
	}
}

func TestAFulfilledWantIsQuiet(t *testing.T) {
	paid := fmt.Sprintf(charged, `,"duplicate_of":"pay_1"`)
	for _, test := range []struct{ facts, want string }{
		{failed, `{"remedy":{"credits":2}}`},
		{failed, `{"remedy":{"credits":2,"to":"balance"},"respond_by":null,"policy":{"name":"photoroom"}}`},
		{failed, `{"remedy":{"to":"balance"}}`},
		{paid, `{"remedy":{"money":{"minor":2000}},"pay_by":"2026-12-02T14:00:00+02:00"}`},
		{fmt.Sprintf(charged, ""), `{}`},
		{failed, `null`},
	} {
		got := call(line(test.facts, test.want), "decide", "-", "--json")
		assert.Equal(t, exitDone, got.code, test.want)
		assert.Empty(t, got.err, test.want)
		assert.NotContains(t, got.out, "differences", test.want)
	}
}

func TestFactsThatCannotBeDecidedAreAnsweredOnTheirOwnLine(t *testing.T) {
	long := `{"policy":"` + strings.Repeat("p", maxLine) + `"}`
	for _, test := range []struct{ line, code, field, message string }{
		{`{"policy":"photoroom"}`, "missing_fields", "kind", "required fields are missing: kind, requested_at"},
		{strings.Replace(failed, "photoroom", "acme", 1), "invalid_request", "policy", `unknown policy "acme": known are ` + strings.Join(policy.Names(), ", ")},
		{strings.Replace(failed, `"failed"`, `"lost"`, 1), "invalid_request", "generation.status", `unknown value "lost": must be succeeded, failed`},
		{strings.Replace(failed, "technical_failure", "bad_result", 1), "invalid_request", "generation.status", "a bad_result needs a generation that succeeded"},
		{strings.Replace(failed, `"price":2`, `"price":2,"price":3`, 1), "invalid_request", "generation.price", "stands here twice"},
		{strings.Replace(failed, `"price":2`, `"price":-2`, 1), "invalid_request", "generation.price", "must not be negative"},
		{strings.Replace(failed, `"price":2`, `"cost":2`, 1), "invalid_request", "generation.cost", "unknown field"},
		{`{"facts":{"policy":"photoroom"}}`, "missing_fields", "kind", "required fields are missing: kind, requested_at"},
		{`{"name":"no facts"}`, "missing_fields", "facts", "required fields are missing: facts"},
		{`{"name":"no facts","facts":null}`, "missing_fields", "facts", "required fields are missing: facts"},
		{`{"name":7,"facts":{}}`, "invalid_request", "name", "must be a string"},
		{`{"facts":[]}`, "invalid_request", "", "must be an object"},
		{`{"facts":` + failed + `,"expect":{}}`, "invalid_request", "expect", "unknown field"},
		{`{"facts":` + failed + `,"facts":` + failed + `}`, "invalid_request", "facts", "stands here twice"},
		{line(failed, `{"outcom":"approved"}`), "invalid_request", "want.outcom", "unknown field"},
		{line(failed, `{"remedy":{"credit":2}}`), "invalid_request", "want.remedy.credit", "unknown field"},
		{line(failed, `{"remedy":{"money":{"amount":2}}}`), "invalid_request", "want.remedy.money.amount", "unknown field"},
		{line(failed, `{"remedy":2}`), "invalid_request", "want.remedy", "must be an object"},
		{line(failed, `"approved"`), "invalid_request", "want", "must be an object"},
		{line(failed, `{"clause":"R1","clause":"R2"}`), "invalid_request", "want.clause", "stands here twice"},
		{line(failed, `{"pay_by":"tomorrow"}`), "invalid_request", "want.pay_by", "must be an instant as 2026-01-31T12:00:00Z"},
		{`{"policy":`, "invalid_request", "", "the line is not one JSON object: unexpected end of JSON input"},
		{failed + failed, "invalid_request", "", "the line is not one JSON object: invalid character '{' after top-level value"},
		{`[]`, "invalid_request", "", "the line is not one JSON object"},
		{`null`, "invalid_request", "", "the line is not one JSON object"},
		{`4`, "invalid_request", "", "the line is not one JSON object"},
		{long, "too_large", "", "the line has more than 1048576 bytes"},
	} {
		shown := test.line[:min(len(test.line), 300)]
		got := call(failed+"\n"+test.line+"\n"+failed, "decide", "-")
		assert.Equal(t, exitUndone, got.code, shown)
		lines := printed(t, got.out)
		require.Len(t, lines, 3, shown)
		assert.Equal(t, "R1", lines[0]["clause"], shown)
		assert.Equal(t, map[string]any{"error": map[string]any{"code": test.code, "field": test.field, "message": test.message}}, lines[1], shown)
		assert.Equal(t, "R1", lines[2]["clause"], shown)
		assert.Contains(t, got.err, "-:2: ", shown)
		assert.Contains(t, got.err, test.message+"\n", shown)
		assert.Empty(t, call(test.line, "decide", "--json", "-").err, shown)
	}
}

func TestUndecidedWinsOverDifferent(t *testing.T) {
	different := line(failed, `{"clause":"R2","remedy":{"credits":2}}`)
	got := call(different+"\n{}\n", "decide", "-")
	assert.Equal(t, exitUndone, got.code)
	assert.Contains(t, got.err, "1 decided: 0 of 1 as wanted; 1 not decided\n")
	assert.Equal(t, exitMismatch, call(different+"\n"+failed, "decide", "-").code)
}

func TestTheLongestLineIsRead(t *testing.T) {
	padded := failed + strings.Repeat(" ", maxLine-len(failed))
	assert.Equal(t, exitDone, call(padded+"\n", "decide", "-").code, "the line feed does not count")
	assert.Equal(t, exitUndone, call(padded+" \n", "decide", "-").code)
	assert.Equal(t, exitDone, call(padded, "decide", "-").code)
	tooLong := padded + strings.Repeat(" ", readSize) + "\n"
	assert.Contains(t, call(tooLong, "decide", "-").out, "too_large", "a line feed that is read by itself makes no line of it")
}

func TestNoFactsAreNoAnswers(t *testing.T) {
	for _, input := range []string{"", "\n", "\r\n \n\t\n"} {
		assert.Equal(t, result{code: exitDone}, call(input, "decide", "-"))
	}
}

func TestFactsAreJudgedByAFileThatIsNotPublished(t *testing.T) {
	minimal := read(t, policies+"/testdata/working_minimal.yaml")
	first := written(t, "first.yaml", minimal)
	second := written(t, "second.yaml", strings.Replace(minimal, "revision: 2026-03-01", "revision: 2026-06-01", 1))
	facts := func(at string) string {
		return strings.NewReplacer("photoroom", "minimal", "2026-11-18T12:00:00Z", at).Replace(failed)
	}
	assert.Equal(t, exitUndone, call(facts("2026-05-31T00:00:00Z"), "decide", "-").code, "it is not published")
	got := call(facts("2026-05-31T23:59:59Z")+"\n"+facts("2026-06-01T00:00:00Z")+"\n"+failed+"\n", "decide", "--policy", second, "-", "--policy", first)
	require.Equal(t, exitDone, got.code, got.err)
	lines := printed(t, got.out)
	assert.Equal(t, "X3", lines[0]["clause"])
	assert.Equal(t, "2026-03-01", lines[0]["policy"].(map[string]any)["revision"])
	assert.Equal(t, "2026-06-01", lines[1]["policy"].(map[string]any)["revision"])
	assert.Equal(t, "R1", lines[2]["clause"], "facts of another policy are judged by the published one")

	named := written(t, "photoroom.yaml", strings.Replace(minimal, "name: minimal", "name: photoroom", 1))
	assert.Equal(t, "X3", printed(t, call(failed, "decide", "--policy", named, "-").out)[0]["clause"], "the file stands in place of the published one")

	twice := call(failed, "decide", "--policy", first, "--policy", first, "-")
	assert.Equal(t, exitUndone, twice.code)
	assert.Contains(t, twice.err, "take effect on 2026-03-01")
	busted := policies + "/testdata/busted_fraction.yaml"
	assert.Contains(t, call(failed, "decide", "--policy", busted, "-").err, "makegood policy check "+busted)
}

func TestAnyLineGetsOneLine(t *testing.T) {
	var seeds []string
	for text := range strings.Lines(read(t, policies+"/testdata/decisions.jsonl")) {
		seeds = append(seeds, strings.TrimSpace(text))
	}
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.SampledFrom(seeds).Draw(t, "seed"))
		for range rapid.IntRange(0, 4).Draw(t, "edits") {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			switch insert := rapid.SampledFrom([]string{"", `"`, "{", "}", "[", ":", ",", "null", "-", "9", "\\", "\xff"}).Draw(t, "insert"); insert {
			case "":
				text = append(text[:at:at], text[at+1:]...)
			default:
				text = append(append(text[:at:at], insert...), text[at:]...)
			}
		}
		got := call(string(text), "decide", "-")
		if len(printed(t, got.out)) != 1 {
			t.Fatalf("%s: %q", text, got.out)
		}
	})
}

func TestAnswersAreSeenBeforeTheNextQuestion(t *testing.T) {
	asked, ask, err := os.Pipe()
	require.NoError(t, err)
	answers, answer, err := os.Pipe()
	require.NoError(t, err)
	ended := make(chan int)
	go func() { ended <- run([]string{"decide", "-"}, asked, answer, os.Stderr) }()
	reader := json.NewDecoder(answers)
	for range 3 {
		_, err = ask.WriteString(failed + "\n")
		require.NoError(t, err)
		var got map[string]any
		require.NoError(t, reader.Decode(&got))
		assert.Equal(t, "R1", got["clause"])
	}
	require.NoError(t, ask.Close())
	assert.Equal(t, exitDone, <-ended)
}
