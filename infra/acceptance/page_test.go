package acceptance_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// vast is a claim of the longest words in what JSON writes longest: 22 kB.
func vast(customer, payment string) object {
	proofs, links := make([]string, 20), make([]string, 20)
	for i := range proofs {
		proofs[i], links[i] = strings.Repeat("<", 500), "https://x.example/"+strings.Repeat("<", 482)
	}
	return claim("abnormal_charge", customer, payment, object{"claim": object{
		"email": "alice@example.com", "paid_at": ago(time.Minute), "amount": object{"currency": "USD", "minor": 1000},
		"reason": strings.Repeat("\"", 1000) + strings.Repeat("&", 1000), "transaction_ids": proofs, "attachments": links,
	}})
}

// everyPage reads a list to its end and returns its rows.
func everyPage(t *testing.T, path, key, rows string) []object {
	t.Helper()
	var all []object
	for query := path; ; {
		page := ask(t, "GET", query, key, nil)
		require.Equal(t, 200, page.status, "%s: %v", path, page.body)
		for _, row := range page.body[rows].([]any) {
			all = append(all, row.(object))
		}
		next, more := page.body["next"].(string)
		if !more {
			return all
		}
		query = path + map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "cursor=" + next
	}
}

func TestCustomersWithMuchToSayDoNotShutStaffsDesk(t *testing.T) {
	t.Parallel()
	alice := unique("alice")
	opened := map[any]bool{}
	for range 45 {
		body := vast(alice, unique("pi"))
		opened[asApp(t, "POST", "/v1/refund-requests", body, 202)["case"]] = true
	}
	for caseID := range opened {
		decided(t, caseID.(string), "in_review", "X3")
	}
	for path, key := range map[string]string{"/v1/cases?state=in_review": local.OperatorKey, "/v1/customers/" + alice + "/cases": token(t, alice)} {
		listed := 0
		for _, row := range everyPage(t, path, key, "cases") {
			if !opened[row["id"]] {
				continue
			}
			listed++
			said := row["asked"].(object)["claim"].(object)
			require.Equal(t, 200, utf8.RuneCountInString(said["reason"].(string)), "a list shows a cut")
			require.NotContains(t, said, "attachments")
			require.NotContains(t, said, "transaction_ids")
		}
		require.Equal(t, len(opened), listed, path)
	}
	for caseID := range opened {
		said := asStaff(t, "GET", "/v1/cases/"+caseID.(string), nil, 200)["asked"].(object)["claim"].(object)
		require.Len(t, said["reason"], 2000)
		require.Len(t, said["attachments"], 20)
		rule(t, caseID.(string), object{"outcome": "declined"})
	}
}

func TestAClaimIsBoundedAsAWhole(t *testing.T) {
	body := vast(unique("alice"), "")
	body["claim"].(object)["reason"] = strings.Repeat("指", 2000)
	refused := ask(t, "POST", "/v1/refund-requests", local.AppKey, body, "Idempotency-Key", unique("key"))
	require.Equal(t, []any{400, "invalid_request", "claim"}, []any{refused.status, refused.body["code"], refused.body["field"]})
}

func TestWhatIsStuckIsListedPageByPage(t *testing.T) {
	refused := ask(t, "GET", "/v1/stuck?cursor=nonsense", local.OperatorKey, nil)
	require.Equal(t, []any{400, "cursor"}, []any{refused.status, refused.body["field"]})
	require.Empty(t, everyPage(t, "/v1/stuck", local.OperatorKey, "stuck"))
}
