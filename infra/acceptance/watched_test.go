package acceptance_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/template"
)

// counted reads the metrics that the functions gave CloudWatch since an instant.
func counted(t *testing.T, since time.Time) (all []template.Metric) {
	t.Helper()
	for _, function := range stack.Functions() {
		log, err := os.ReadFile(filepath.Join(stack.Root(), ".local", "logs", function+".log"))
		require.NoError(t, err)
		for line := range strings.Lines(string(log)) {
			var fields map[string]any
			var head struct {
				AWS struct {
					Timestamp         int64
					CloudWatchMetrics []struct {
						Namespace  string
						Dimensions [][]string
						Metrics    []struct{ Name string }
					}
				} `json:"_aws"`
			}
			if json.Unmarshal([]byte(line), &fields) != nil || json.Unmarshal([]byte(line), &head) != nil || head.AWS.Timestamp < since.UnixMilli() {
				continue
			}
			for _, directive := range head.AWS.CloudWatchMetrics {
				dimensions := map[string]string{}
				for _, name := range directive.Dimensions[0] {
					dimensions[name] = fields[name].(string)
				}
				for _, metric := range directive.Metrics {
					require.IsType(t, 0.0, fields[metric.Name])
					all = append(all, template.Metric{Namespace: directive.Namespace, Name: metric.Name, Dimensions: dimensions})
				}
			}
		}
	}
	return all
}

// CloudWatch itself is not here: what it would read of a story is held against what alarms and
// dashboard name. infra/templatetest holds that each of those is sent by somebody.
func TestWhatFunctionsCountIsWhatAlarmsAndDashboardName(t *testing.T) {
	since := time.Now()
	alice := customer(t, 10)
	failed, lost := start(t, alice), start(t, alice)
	finish(t, failed, failure("platform"))
	becomes(t, failed, "released")
	during(t, "settle-generation", "SendMessage", 1, lose)
	finish(t, lost, failure("platform"))
	becomes(t, lost, "failed")
	age(t, lost, "refund")
	sweep(t)
	becomes(t, lost, "released")

	parsed, err := template.Parse(filepath.Join(stack.Root(), "template.yaml"))
	require.NoError(t, err)
	dashboard, _ := parsed.Resource("OperationsDashboard").Lookup("DashboardBody")
	body, err := parsed.Resolve(template.Scope{}, dashboard)
	require.NoError(t, err)
	alarms, err := parsed.Alarms(template.Scope{})
	require.NoError(t, err)
	seen := map[string]int{}
	for _, one := range counted(t, since) {
		seen[one.Name]++
		require.Contains(t, body, `"`+one.Name+`"`, "a metric that nobody looks at")
		for _, alarm := range alarms {
			for _, metric := range alarm.Metrics {
				if metric.Name != one.Name {
					continue
				}
				require.Equal(t, metric.Namespace, one.Namespace, alarm.LogicalID)
				require.True(t, maps.Equal(metric.Dimensions, one.Dimensions), "%s watches %v, not %v", alarm.LogicalID, metric.Dimensions, one.Dimensions)
			}
		}
	}
	// Other tests' refunds may come in between.
	require.GreaterOrEqual(t, seen["RefundedLate"], 2, "each refund is counted, in time too")
	require.Positive(t, seen["ClaimedItems"])
}
