package doctor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/makegood/account"
	"makegood/infra/makegood/doctor"
)

type object = map[string]any

// region is AWS as far as a stack called shop needs it.
type region struct {
	url       string
	functions map[string]map[string]string // environments by deployed name
	tables    map[string]bool              // whether it can be restored
	counts    map[string]string            // queues' messages by name
	secrets   map[string]time.Time
	mappings  map[string]string // states by function
	bucket    string            // answers HEAD; "" is none
	open      bool              // to strangers
}

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// queues are the stack's.
var queues = []string{"generation-results", "assessments", "refund-requests", "payment-refunds", "outage-runs", "notices"}

// newRegion serves a stack of which all is well.
func newRegion(t *testing.T) *region {
	t.Helper()
	r := &region{
		functions: map[string]map[string]string{}, tables: map[string]bool{}, counts: map[string]string{}, mappings: map[string]string{},
		secrets: map[string]time.Time{"/makegood/app-keys": now.Add(-24 * time.Hour), "refund-key": now.Add(-48 * time.Hour)},
	}
	r.bucket = "shop-evidencebucket"
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	for _, table := range []string{"Wallets", "Entries", "Payments", "Generations", "Cases", "Outages", "Evidence"} {
		r.tables["shop-"+table] = true
	}
	for _, queue := range queues {
		r.counts[queue], r.counts[queue+"-dlq"] = "0", "0"
	}
	for _, function := range []string{"settle-generation", "assess-result", "decide-refund", "pay-refund", "run-outage", "notify-customer"} {
		r.mappings["shop-"+function] = "Enabled"
		r.functions["shop-"+function] = map[string]string{
			"WALLETS_TABLE": "shop-Wallets", "NOTICES_QUEUE_URL": r.queue("notices"), "POLICY": "photoroom", "APP_KEYS": "ssm:/makegood/app-keys",
			"STRIPE_KEY": "secretsmanager:refund-key", "LIVEMODE": "test",
		}
	}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hidden", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	return r
}

func (r *region) queue(name string) string { return r.url + "/123456789012/" + name }

// look looks at the stack, and returns what is wrong and what could not be asked, by look.
func (r *region) look(t *testing.T) map[string][]doctor.Line {
	t.Helper()
	return r.lookAs(t, map[string]string{"AWS_ENDPOINT_URL": r.url})
}

// lookAs is look with an environment; one without an address is AWS's own.
func (r *region) lookAs(t *testing.T, env map[string]string) map[string][]doctor.Line {
	t.Helper()
	shop, err := account.Open(t.Context(), "shop", func(name string) string { return env[name] })
	require.NoError(t, err)
	back := doctor.Back{Account: shop, Now: now, SecretsMost: 365 * 24 * time.Hour, Between: time.Millisecond}
	bad := map[string][]doctor.Line{}
	all := 0
	wrong := doctor.Run(t.Context(), back.Looks(), func(string) {}, func(line doctor.Line) {
		all++
		if line.State != doctor.StateOK {
			bad[line.Look] = append(bad[line.Look], line)
		}
	})
	require.Equal(t, len(bad) > 0, wrong)
	require.GreaterOrEqual(t, all, len(queues)+5)
	return bad
}

// ServeHTTP answers as the services do: JSON by a header, Lambda by its paths, CloudFormation by a
// form.
func (r *region) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	asked := object{}
	_ = json.Unmarshal(body, &asked)
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	switch {
	case operation != "":
		r.answer(w, operation, asked)
	case strings.HasPrefix(request.URL.Path, "/shop-evidencebucket"):
		r.objects(w, request)
	case strings.HasSuffix(request.URL.Path, "/configuration"):
		say(w, object{"Environment": object{"Variables": r.functions[path.Base(path.Dir(request.URL.Path))]}})
	case strings.Contains(request.URL.Path, "/event-source-mappings"):
		state := r.mappings[request.URL.Query().Get("FunctionName")]
		say(w, object{"EventSourceMappings": []object{{"UUID": "u-1", "State": state}}})
	default:
		r.formation(w, string(body))
	}
}

// objects answers as S3 does.
func (r *region) objects(w http.ResponseWriter, request *http.Request) {
	if r.bucket == "" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if request.URL.Query().Has("publicAccessBlock") {
		fmt.Fprintf(w, `<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>`+
			`<BlockPublicPolicy>%t</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`, !r.open)
	}
}

func (r *region) formation(w http.ResponseWriter, form string) {
	var items strings.Builder
	if strings.Contains(form, "Action=ListStackResources") {
		for name := range r.functions {
			fmt.Fprintf(&items, "<member><ResourceType>AWS::Lambda::Function</ResourceType><PhysicalResourceId>%s</PhysicalResourceId></member>", name)
		}
		fmt.Fprintf(w, `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>%s</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>`, items.String())
		return
	}
	output := func(key, value string) {
		fmt.Fprintf(&items, "<member><OutputKey>%s</OutputKey><OutputValue>%s</OutputValue></member>", key, value)
	}
	for key, queue := range map[string]string{
		"GenerationResultsQueueUrl": "generation-results", "AssessmentsQueueUrl": "assessments", "RefundRequestsQueueUrl": "refund-requests", "PaymentRefundsQueueUrl": "payment-refunds",
		"OutageRunsQueueUrl": "outage-runs", "NoticesQueueUrl": "notices",
	} {
		output(key, r.queue(queue))
	}
	for _, table := range []string{"Wallets", "Entries", "Payments", "Generations", "Cases", "Outages", "Evidence"} {
		output(table+"TableName", "shop-"+table)
	}
	output("EvidenceBucketName", "shop-evidencebucket")
	fmt.Fprintf(w, `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><Outputs>%s</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`, items.String())
}

// answer is that of the services that speak JSON.
func (r *region) answer(w http.ResponseWriter, operation string, asked object) {
	text := func(name string) string { value, _ := asked[name].(string); return value }
	switch operation {
	case "GetQueueUrl":
		say(w, object{"QueueUrl": r.queue(text("QueueName"))})
	case "GetQueueAttributes":
		name := path.Base(text("QueueUrl"))
		count, there := r.counts[name]
		if !there {
			refuse(w, "com.amazonaws.sqs#QueueDoesNotExist")
			return
		}
		say(w, object{"Attributes": object{
			"ApproximateNumberOfMessages": count, "ApproximateNumberOfMessagesNotVisible": "0", "ApproximateNumberOfMessagesDelayed": "0",
			"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:123456789012:` + name + `-dlq"}`,
		}})
	case "DescribeTable":
		if _, there := r.tables[text("TableName")]; !there {
			refuse(w, "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException")
			return
		}
		say(w, object{"Table": object{"TableStatus": "ACTIVE"}})
	case "DescribeContinuousBackups":
		status := map[bool]string{true: "ENABLED", false: "DISABLED"}[r.tables[text("TableName")]]
		say(w, object{"ContinuousBackupsDescription": object{"PointInTimeRecoveryDescription": object{"PointInTimeRecoveryStatus": status}}})
	case "DescribeParameters":
		name := asked["ParameterFilters"].([]any)[0].(object)["Values"].([]any)[0].(string)
		found := []object{}
		if at, there := r.secrets[name]; there {
			found = append(found, object{"Name": name, "LastModifiedDate": at.Unix()})
		}
		say(w, object{"Parameters": found})
	case "DescribeSecret":
		at, there := r.secrets[text("SecretId")]
		if !there {
			refuse(w, "ResourceNotFoundException")
			return
		}
		say(w, object{"LastChangedDate": at.Unix()})
	default:
		refuse(w, "UnknownOperation")
	}
}

func say(w http.ResponseWriter, body any) { _ = json.NewEncoder(w).Encode(body) }

func refuse(w http.ResponseWriter, kind string) {
	w.Header().Set("X-Amzn-Query-Error", path.Base(strings.ReplaceAll(kind, "#", "/"))+";Sender")
	w.WriteHeader(http.StatusBadRequest)
	say(w, object{"__type": kind})
}

func TestNothingIsWrongWithAStackThatIsWell(t *testing.T) {
	require.Empty(t, newRegion(t).look(t))
}

// TestEachFaultThatIsPlantedIsOneLineWithWhatToTypeNext plants one fault at a time.
func TestEachFaultThatIsPlantedIsOneLineWithWhatToTypeNext(t *testing.T) {
	variable := func(name, value string) func(*region) {
		return func(r *region) { r.functions["shop-pay-refund"][name] = value }
	}
	for name, c := range map[string]struct {
		plant         func(r *region)
		look, finding string
		next          string
	}{
		"dead letters":           {func(r *region) { r.counts["notices-dlq"] = "3" }, "notices", "3 dead letters", "makegood redrive notices --dry-run"},
		"nobody takes":           {func(r *region) { r.counts["refund-requests"] = "7" }, "refund-requests", "7 messages wait, and decide-refund takes none", "aws lambda list-event-source-mappings --function-name shop-decide-refund"},
		"a table's name":         {variable("WALLETS_TABLE", "shop-Walets"), "functions", `shop-pay-refund: WALLETS_TABLE is "shop-Walets", which is no table`, "make deploy"},
		"no table's name":        {variable("CASES_TABLE", ""), "functions", `shop-pay-refund: CASES_TABLE is "", no table`, "make deploy"},
		"a bucket's name":        {variable("EVIDENCE_BUCKET", "shop-evidence"), "functions", `shop-pay-refund: EVIDENCE_BUCKET is "shop-evidence", which is not the stack's bucket`, "make deploy"},
		"a policy":               {variable("POLICY", "photorom"), "functions", `shop-pay-refund: POLICY is "photorom", which is no policy of this build`, "make deploy"},
		"a parameter":            {variable("APP_KEYS", "ssm:/makegood/appkeys"), "functions", `shop-pay-refund: APP_KEYS is "ssm:/makegood/appkeys", which is no parameter`, "make deploy"},
		"a bare secret":          {variable("APP_KEYS", "sk_live_1,ssm:/makegood/appkeys"), "functions", `shop-pay-refund: APP_KEYS is "ssm:/makegood/appkeys", which is no parameter`, "make deploy"},
		"a secret":               {variable("STRIPE_KEY", "secretsmanager:gone"), "functions", `shop-pay-refund: STRIPE_KEY is "secretsmanager:gone", which is no secret`, "make deploy"},
		"a consumer that is off": {func(r *region) { r.mappings["shop-run-outage"] = "Disabled" }, "consumers", "shop-run-outage takes nothing off outage-runs: Disabled", "aws lambda update-event-source-mapping --enabled --uuid u-1"},
		"an old secret":          {func(r *region) { r.secrets["refund-key"] = now.AddDate(-2, 0, 0) }, "secrets", "secretsmanager:refund-key has had its value since 2024-03-01", "see infra/operate/secrets.md"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegion(t)
			c.plant(r)
			bad := r.look(t)
			require.Len(t, bad, 1)
			require.Equal(t, []doctor.Line{{Look: c.look, State: doctor.StateWrong, Finding: c.finding, Next: c.next}}, bad[c.look])
		})
	}
	t.Run("no bucket", func(t *testing.T) {
		r := newRegion(t)
		r.bucket = ""
		require.Equal(t, []doctor.Line{{
			Look: "pictures", State: doctor.StateWrong, Next: "aws s3api head-bucket --bucket shop-evidencebucket",
			Finding: "the bucket shop-evidencebucket does not exist: what is reported goes to a person without pictures",
		}}, r.look(t)["pictures"])
	})
	t.Run("an open bucket", func(t *testing.T) {
		r := newRegion(t)
		require.Empty(t, r.lookAs(t, nil)["pictures"])
		r.open = true
		require.Equal(t, "the bucket shop-evidencebucket may be opened to strangers: deploy again", r.lookAs(t, nil)["pictures"][0].Finding)
	})
	t.Run("a queue's address", func(t *testing.T) {
		r := newRegion(t)
		r.functions["shop-pay-refund"]["NOTICES_QUEUE_URL"] = r.queue("notcies")
		require.Contains(t, r.look(t)["functions"][0].Finding, "which is no queue")
	})
	t.Run("a table that is gone", func(t *testing.T) {
		r := newRegion(t)
		maps.DeleteFunc(r.tables, func(name string, _ bool) bool { return name == "shop-Cases" })
		require.Equal(t, "shop-Cases does not exist", r.look(t)["tables"][0].Finding)
	})
}

// TestWhereAWSCannotBeReachedTheRestIsLookedAt: a stack that was named and cannot be read is wrong.
func TestWhereAWSCannotBeReachedTheRestIsLookedAt(t *testing.T) {
	var lines []doctor.Line
	each := func(line doctor.Line) { lines = append(lines, line) }
	require.False(t, doctor.Run(t.Context(), doctor.NoBack(io.ErrUnexpectedEOF, false), func(string) {}, each))
	require.Len(t, lines, len(queues)+5)
	require.Equal(t, doctor.Line{Look: "tables", State: doctor.StateUnknown, Finding: "unexpected EOF"}, lines[len(queues)])
	require.True(t, doctor.Run(t.Context(), doctor.NoBack(io.ErrUnexpectedEOF, true), func(string) {}, each))
	require.Equal(t, doctor.Line{Look: "account", State: doctor.StateWrong, Finding: "unexpected EOF"}, lines[len(lines)-1])
}

func TestALookThatFailsIsALineAndStopsNoOther(t *testing.T) {
	var lines []doctor.Line
	wrong := doctor.Run(t.Context(), []doctor.Look{
		{Name: "one", Ask: func(context.Context) ([]doctor.Line, error) { return nil, io.ErrUnexpectedEOF }},
		{Name: "other", Ask: func(context.Context) ([]doctor.Line, error) {
			return []doctor.Line{{Look: "other", State: doctor.StateOK}}, nil
		}},
	}, func(string) {}, func(line doctor.Line) { lines = append(lines, line) })
	require.True(t, wrong)
	require.Equal(t, []doctor.Line{{Look: "one", State: doctor.StateWrong, Finding: "unexpected EOF"}, {Look: "other", State: doctor.StateOK}}, lines)
}
