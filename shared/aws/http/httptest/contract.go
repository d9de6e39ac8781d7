package httptest

import (
	"encoding/json"
	nethttp "net/http"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http"
)

// contract reads openapi.yaml, once for all tests of a function.
var contract = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromFile("../../shared/api/openapi.yaml")
})

// keepsContract demands that the answer to an event is one that the contract has for its route.
func keepsContract(t *testing.T, event []byte, answer http.Response) {
	t.Helper()
	doc, err := contract()
	require.NoError(t, err)
	var routed struct {
		RouteKey string `json:"routeKey"`
	}
	require.NoError(t, json.Unmarshal(event, &routed))
	method, path, _ := strings.Cut(routed.RouteKey, " ")
	item := doc.Paths.Value(path)
	if item == nil || item.GetOperation(method) == nil || answer.StatusCode == nethttp.StatusMethodNotAllowed {
		return // what no route takes
	}
	declared := item.GetOperation(method).Responses.Status(answer.StatusCode)
	require.NotNil(t, declared, "%s: no %d in the contract", routed.RouteKey, answer.StatusCode)
	if answer.Body == "" {
		require.Empty(t, declared.Value.Content, "%s %d: no body", routed.RouteKey, answer.StatusCode)
		return
	}
	media := answer.Headers["content-type"]
	content := declared.Value.Content.Get(media)
	require.NotNil(t, content, "%s %d: no %s in the contract", routed.RouteKey, answer.StatusCode, media)
	if strings.HasSuffix(media, "json") {
		var body any
		require.NoError(t, json.Unmarshal([]byte(answer.Body), &body), routed.RouteKey)
		require.NoError(t, content.Schema.Value.VisitJSON(body), "%s %d: %s", routed.RouteKey, answer.StatusCode, answer.Body)
	}
}
