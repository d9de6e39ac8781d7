package permission_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/permission"
	"makegood/infra/template"
)

// TestTheRolesOfAskingAndRulingRefuseTheRest holds the template itself, not a small one, to what
// these functions must never do.
func TestTheRolesOfAskingAndRulingRefuseTheRest(t *testing.T) {
	parsed, err := template.Parse("../../template.yaml")
	require.NoError(t, err)
	backend := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer backend.Close()
	deployed, err := parsed.Queues(template.Scope{})
	require.NoError(t, err)
	queues := map[string]string{}
	for _, q := range deployed {
		queues[q.LogicalID] = q.Name
	}
	guard, err := permission.NewGuard(parsed, backend.URL, backend.URL, map[string]string{
		"WalletsTable": "wallets", "EntriesTable": "entries", "PaymentsTable": "payments", "GenerationsTable": "generations", "CasesTable": "cases",
		"OutagesTable": "outages", "EvidenceTable": "evidence",
	}, queues)
	require.NoError(t, err)
	front := httptest.NewServer(guard)
	defer front.Close()
	for _, c := range []struct {
		function, target, body string
		allowed                bool
	}{
		{"report-bad-result", "PutItem", `{"TableName":"cases"}`, true},
		{"report-bad-result", "BatchGetItem", `{"RequestItems":{"generations":{}}}`, true},
		{"report-bad-result", "BatchGetItem", `{"RequestItems":{"wallets":{}}}`, false},
		{"report-bad-result", "UpdateItem", `{"TableName":"cases"}`, false},
		{"report-bad-result", "UpdateItem", `{"TableName":"cases","Key":{"pk":{"S":"aaaaaaaaaaaaaaaaaaaa"}}}`, false},
		{"report-bad-result", "UpdateItem", `{"TableName":"cases","Key":{"pk":{"S":"attachments#aaaaaaaaaaaaaaaaaaaa"}}}`, true},
		{"report-bad-result", "UpdateItem", `{"TableName":"evidence","Key":{"pk":{"S":"attachments#aaaaaaaaaaaaaaaaaaaa"}}}`, false},
		{"report-bad-result", "UpdateItem", `{"TableName":"evidence","Key":{"pk":{"S":"requests#aaaaaaaaaaaaaaaaaaaa"}}}`, true},
		{"report-bad-result", "DeleteItem", `{"TableName":"cases","Key":{"pk":{"S":"attachments#aaaaaaaaaaaaaaaaaaaa"}}}`, false},
		{"assess-result", "DeleteItem", `{"TableName":"cases","Key":{"pk":{"S":"attachments#aaaaaaaaaaaaaaaaaaaa"}}}`, true},
		{"assess-result", "TransactWriteItems", `{"TransactItems":[{"Delete":{"TableName":"cases","Key":{"pk":{"S":"aaaaaaaaaaaaaaaaaaaa"}}}}]}`, false},
		{"report-bad-result", "AmazonSQS.SendMessage", `{"QueueUrl":"http://x/000000000000/notices"}`, false},
		{"request-refund", "PutItem", `{"TableName":"cases"}`, true},
		{"request-refund", "UpdateItem", `{"TableName":"cases"}`, true},
		{"request-refund", "BatchGetItem", `{"RequestItems":{"cases":{}}}`, true},
		{"request-refund", "BatchGetItem", `{"RequestItems":{"payments":{}}}`, false},
		{"request-refund", "PutItem", `{"TableName":"payments"}`, false},
		{"review-refund", "Query", `{"TableName":"cases","IndexName":"waiting"}`, true},
		{"review-refund", "Scan", `{"TableName":"cases","IndexName":"waiting"}`, false},
		{"review-refund", "Scan", `{"TableName":"cases"}`, true},
		{"review-refund", "Query", `{"TableName":"payments","IndexName":"attention"}`, true},
		{"review-refund", "PutItem", `{"TableName":"entries"}`, true},
		{"review-refund", "Query", `{"TableName":"entries"}`, true},
		{"review-refund", "UpdateItem", `{"TableName":"entries"}`, false},
		{"review-refund", "PutItem", `{"TableName":"payments"}`, false},
		{"review-refund", "UpdateItem", `{"TableName":"generations"}`, true},
		{"review-refund", "PutItem", `{"TableName":"generations"}`, false},
		{"review-refund", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"wallets"}},{"Delete":{"TableName":"wallets"}}]}`, false},
		{"review-refund", "AmazonSQS.SendMessage", `{"QueueUrl":"http://x/000000000000/notices"}`, true},
		{"review-refund", "AmazonSQS.SendMessage", `{"QueueUrl":"http://x/000000000000/outage-runs"}`, false},
		{"decide-refund", "Query", `{"TableName":"entries"}`, true},
		{"decide-refund", "UpdateItem", `{"TableName":"entries"}`, false},
		{"decide-refund", "Query", `{"TableName":"cases","IndexName":"waiting"}`, false},
		{"decide-refund", "Scan", `{"TableName":"outages"}`, true},
		{"decide-refund", "Scan", `{"TableName":"payments"}`, false},
		{"decide-refund", "UpdateItem", `{"TableName":"outages"}`, false},
		{"sweep-due", "Query", `{"TableName":"cases","IndexName":"waiting"}`, true},
		{"sweep-due", "Scan", `{"TableName":"payments"}`, false},
		{"receive-purchase", "AmazonSQS.SendMessage", `{"QueueUrl":"http://x/000000000000/payment-refunds"}`, true},
		{"receive-purchase", "UpdateItem", `{"TableName":"cases"}`, false},
		{"pay-refund", "UpdateItem", `{"TableName":"payments"}`, true},
		{"pay-refund", "PutItem", `{"TableName":"payments"}`, false},
		{"pay-refund", "UpdateItem", `{"TableName":"cases"}`, false},
		{"pay-refund", "BatchGetItem", `{"RequestItems":{"cases":{}}}`, false},
		{"pay-refund", "AmazonSQS.SendMessage", `{"QueueUrl":"http://x/000000000000/refund-requests"}`, true},
		{"pay-refund", "AmazonSQS.SendMessage", `{"QueueUrl":"http://x/000000000000/payment-refunds"}`, false},
		{"forget-customer", "UpdateItem", `{"TableName":"cases"}`, true},
		{"forget-customer", "PutItem", `{"TableName":"cases"}`, false},
		{"forget-customer", "DeleteItem", `{"TableName":"cases"}`, false},
		{"forget-customer", "DeleteItem", `{"TableName":"cases","Key":{"pk":{"S":"attachments#aaaaaaaaaaaaaaaaaaaa"}}}`, true},
		{"forget-customer", "UpdateItem", `{"TableName":"entries"}`, false},
		{"forget-customer", "Query", `{"TableName":"entries"}`, false},
		{"forget-customer", "UpdateItem", `{"TableName":"payments"}`, false},
		{"declare-outage", "PutItem", `{"TableName":"outages"}`, true},
		{"declare-outage", "UpdateItem", `{"TableName":"wallets"}`, false},
		{"declare-outage", "AmazonSQS.SendMessage", `{"QueueUrl":"http://x/000000000000/refund-requests"}`, false},
		{"run-outage", "UpdateItem", `{"TableName":"outages"}`, true},
		{"run-outage", "PutItem", `{"TableName":"outages"}`, false},
		{"run-outage", "UpdateItem", `{"TableName":"payments"}`, false},
		{"run-outage", "PutItem", `{"TableName":"entries"}`, false},
		{"run-outage", "Query", `{"TableName":"cases","IndexName":"waiting"}`, true},
		{"run-outage", "Scan", `{"TableName":"cases"}`, false},
		{"run-outage", "UpdateItem", `{"TableName":"cases"}`, false},
		{"run-outage", "AmazonSQS.SendMessage", `{"QueueUrl":"http://x/000000000000/payment-refunds"}`, false},
	} {
		status, said := call(t, front.URL+"/"+c.function, c.target, c.body)
		want := http.StatusBadRequest
		if c.allowed {
			want = http.StatusOK
		}
		assert.Equal(t, want, status, "%s %s %s: %s", c.function, c.target, c.body, said)
	}
}
