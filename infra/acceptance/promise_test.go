package acceptance_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// promises is every promise of the three pages that the service keeps, by policy, with the tests
// that hold it. What it does not keep yet names no test and says why.
func promises(t *testing.T) [][]string {
	t.Helper()
	file, err := os.Open("testdata/promises.tsv")
	require.NoError(t, err)
	defer file.Close()
	read := csv.NewReader(file)
	read.Comma, read.FieldsPerRecord = '\t', 3
	rows, err := read.ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"policy", "promise", "tests"}, rows[0])
	return rows[1:]
}

// declared is how a test of this folder begins.
var declared = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

func TestEachPromiseOfThePagesNamesTheTestsThatHoldIt(t *testing.T) {
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	tests := map[string]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, found := range declared.FindAllStringSubmatch(string(text), -1) {
			tests[found[1]] = true
		}
	}
	for _, row := range promises(t) {
		require.Contains(t, policies, row[0], row)
		if strings.HasPrefix(row[2], "not yet: ") {
			continue
		}
		for name := range strings.SplitSeq(row[2], " ") {
			require.True(t, tests[name], "%s: %q is no test of this folder", row[1], name)
		}
	}
}

func TestEachPackageOfThePolicyIsSoldForItsPriceAndForNoOther(t *testing.T) {
	want := map[string]map[string][2]float64{
		"goopter":    {"starter": {50, 500}, "basic": {120, 1000}, "pro": {300, 2000}, "premium": {1000, 5000}},
		"photoroom":  {"credits-100": {100, 1000}},
		"popcustoms": {"topup-10": {100_000, 1000}},
	}
	underEach(t, func(t *testing.T) {
		sold := map[string][2]float64{}
		for _, listed := range asApp(t, "GET", "/v1/policy", nil, 200)["packages"].([]any) {
			bundle := listed.(object)
			name, credits, minor := bundle["name"].(string), bundle["credits"].(float64), bundle["price"].(object)["minor"].(float64)
			sold[name] = [2]float64{credits, minor}
			alice := unique("alice")
			paid := object{"metadata": object{"package": name}, "amount_subtotal": int(minor), "amount_total": int(minor)}
			require.Equal(t, 200, tell(t, session(alice, unique("pi"), paid)).status)
			wantBalance(t, alice, balance{available: credits})
			dear := object{"metadata": object{"package": name}, "amount_subtotal": int(minor) - 1, "amount_total": int(minor) - 1}
			require.Equal(t, 200, tell(t, session(alice, unique("pi"), dear)).status)
			wantBalance(t, alice, balance{available: credits})
		}
		require.Equal(t, want[policy], sold)
	})
}

func TestWhyAChangeOfMindIsNotRefundedIsTold(t *testing.T) {
	under(t, "goopter")
	for words, ask := range map[string]func(t *testing.T, alice string) string{
		"A purchase is final once its credits are in your account, so it isn't refundable.": func(t *testing.T, alice string) string {
			return purchase(t, alice, time.Now())
		},
		"All credits from this purchase have been used, so it can't be refunded.": func(t *testing.T, alice string) string {
			payment := purchase(t, alice, time.Now())
			for range 5 {
				picture(t, alice, object{"outputs": 8}) // 24 of 120 credits
			}
			return payment
		},
		"You requested this more than 30 days after the purchase, which is past our time limit.": func(t *testing.T, alice string) string {
			return purchase(t, alice, time.Now().Add(-31*24*time.Hour))
		},
		"Your account was terminated for violating our Terms of Use, so refunds aren't available.": func(t *testing.T, alice string) string {
			payment := purchase(t, alice, time.Now())
			stand(t, alice, "terminated")
			return payment
		},
	} {
		alice := unique("alice")
		require.Equal(t, words, sentence(t, alice, request(t, "change_of_mind", alice, ask(t, alice))))
	}
}
