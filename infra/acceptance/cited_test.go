package acceptance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestWhatTheCustomerReadsIsOfTheClauseThatStaffCite(t *testing.T) {
	for name, c := range map[string]struct{ review, cited, list string }{
		"photoroom":  {"R8", "R11", "must be R10, R9, X1, R7, R12, R11, X2, R8, X3"},
		"popcustoms": {"P5.3", "P4.3", "must be P6.2, P4.4, P1, P5.1, P4.5, X1, X2, P6.1, P4.2, P4.1, P4.3, P5.3, X3"},
	} {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			caseID := reported(t, customer(t, shops[policy].price), nil, shown(), object{"issue": "other"})
			decided(t, caseID, "in_review", c.review)
			unknown := verdictUnder(t, caseID, unique("key"), object{"outcome": "declined", "clause": "P99"})
			require.Equal(t, []any{400, "invalid_request", "clause", c.list}, []any{unknown.status, unknown.body["code"], unknown.body["field"], unknown.body["detail"]})
			require.Equal(t, 200, verdictUnder(t, caseID, unique("key"), object{"outcome": "declined", "clause": c.cited}).status)
			reason := decided(t, caseID, "declined", c.cited)["decision"].(object)["reason"]
			read := ask(t, "GET", "/v1/cases/"+caseID, local.OperatorKey, nil).body
			require.Equal(t, c.cited, read["ruling"].(object)["clause"])
			require.NotContains(t, reason, "reviewed your request", "it is the clause's own sentence")
			require.NotContains(t, reason, "looked at your request")
		})
	}
}
