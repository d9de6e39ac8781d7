package web_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/money"
)

// inNode has Node call a function of the component's money once for each list of arguments.
func inNode[T any](t *testing.T, function string, calls any) (answers []T) {
	t.Helper()
	arguments, err := json.Marshal(calls)
	require.NoError(t, err)
	script := `import("../../.local/web/money.js").then(money => console.log(JSON.stringify(JSON.parse(require("fs").readFileSync(0)).map(one => money.` + function + `(...one) ?? 0))))`
	node := exec.CommandContext(t.Context(), "node", "-e", script)
	node.Stdin = bytes.NewReader(arguments)
	answer, err := node.Output()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(answer, &answers))
	return answers
}

func TestAnAmountIsReadAsPeopleTypeItInTheMinorUnitOfItsCurrency(t *testing.T) {
	cases := []struct {
		text, currency string
		minor          int64 // 0: none
	}{
		{"5", "USD", 500},
		{" 5.00 ", "USD", 500},
		{"5,5", "EUR", 550},
		{"0.05", "EUR", 5},
		{"1,234.50", "USD", 123450},
		{"1.234,50", "EUR", 123450},
		{"1 234,50", "EUR", 123450},
		{"1’234.50", "CHF", 123450},
		{"1,234", "USD", 123400},
		{"1.234.567", "EUR", 123456700},
		{"12345", "USD", 1234500},
		{"1,234", "JPY", 1234},
		{"500", "JPY", 500},
		{"1,234", "KWD", 1234},
		{"1,234.5", "KWD", 1234500},
		{"1,234,567", "KWD", 1234567000},
		{"12.5", "TND", 12500},
		{"1.0005", "CLF", 10005},
		{"٥٫٥٠", "EUR", 550},
		{"١٬٢٣٤٫٥", "EUR", 123450},
		{"۱۲", "USD", 1200},
		{"0.29", "USD", 29},
		{"1.005", "KWD", 1005},
		{"90071992547409.91", "USD", 9007199254740991},
		{"", "USD", 0},
		{"0", "USD", 0},
		{"-5", "USD", 0},
		{"5.5555", "USD", 0},
		{"5.5", "JPY", 0},
		{"1,23,456", "USD", 0},
		{"1,234.567", "USD", 0},
		{"1.234.5", "EUR", 0},
		{"1e3", "USD", 0},
		{"five", "USD", 0},
		{"$5", "USD", 0},
		{"5.", "USD", 0},
		{".5", "USD", 0},
		{"90071992547409.92", "USD", 0},
	}
	var calls [][]string
	for _, c := range cases {
		calls = append(calls, []string{c.text, c.currency})
	}
	for i, minor := range inNode[int64](t, "minorOf", calls) {
		require.Equal(t, cases[i].minor, minor, "%v", calls[i])
	}
}

func TestTheComponentKnowsTheDecimalsThatTheLedgerDoes(t *testing.T) {
	var calls [][]string
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			for c := 'A'; c <= 'Z'; c++ {
				calls = append(calls, []string{string([]rune{a, b, c})})
			}
		}
	}
	for i, decimals := range inNode[int](t, "decimalsOf", calls) {
		require.Equal(t, money.Decimals(calls[i][0]), decimals, calls[i][0])
	}
}
