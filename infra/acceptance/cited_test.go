package acceptance_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestWhatTheCustomerReadsIsOfTheClauseThatStaffCite(t *testing.T) {
	for name, c := range map[string]struct {
		review, cited string
		listed        []string
	}{
		"photoroom":  {"R8", "R11", []string{"R7", "R11", "R8", "X1", "X3"}},
		"popcustoms": {"P5.3", "P4.3", []string{"P1", "P4.3", "P5.3", "X1", "X3"}},
	} {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			caseID := reported(t, customer(t, shops[policy].price), nil, shown(), object{"issue": "other"})
			decided(t, caseID, "in_review", c.review)
			unknown := verdictUnder(t, caseID, unique("key"), object{"outcome": "declined", "clause": "P99"})
			require.Equal(t, []any{400, "invalid_request", "clause"}, []any{unknown.status, unknown.body["code"], unknown.body["field"]})
			require.Subset(t, strings.Split(strings.TrimPrefix(unknown.body["detail"].(string), "must be "), ", "), c.listed)
			require.Equal(t, 200, verdictUnder(t, caseID, unique("key"), object{"outcome": "declined", "clause": c.cited}).status)
			reason := decided(t, caseID, "declined", c.cited)["decision"].(object)["reason"]
			read := ask(t, "GET", "/v1/cases/"+caseID, local.OperatorKey, nil).body
			require.Equal(t, c.cited, read["ruling"].(object)["clause"])
			require.NotContains(t, reason, "reviewed your request", "it is the clause's own sentence")
			require.NotContains(t, reason, "looked at your request")
		})
	}
}
