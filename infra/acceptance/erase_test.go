package acceptance_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// neverPersonal are the texts of requests that an erasure leaves, each with its reason. A text that
// is neither here nor planted by the test below fails it: whoever adds a field says which it is.
var neverPersonal = map[string]string{
	"customer":                            "the app's id of the customer: it names the wallet, and the books are kept",
	"feature":                             "a word of the policy's",
	"features":                            "words of the policy's",
	"model":                               "a word of the policy's or the app's for a model",
	"size":                                "a word of the policy's for a size class",
	"package":                             "a word of the policy's",
	"clause":                              "a clause of the policy's",
	"locale":                              "a language",
	"generation":                          "an id of ours",
	"attachments":                         "ids of ours: what they name is proven erased below",
	"outage":                              "an id of ours",
	"key":                                 "the caller's own name of a request, of which a hash is kept",
	"proposal":                            "an id of ours",
	"payment":                             "the provider's id of a payment, by which the books are kept",
	"claim.amount.currency":               "three letters",
	"remedy.money.currency":               "three letters",
	"cost.currency":                       "three letters",
	"cost.provider":                       "the name of a company",
	"claim.paid_at":                       "a day",
	"failure.code":                        "the worker's own code, which the policy's people read",
	"outputs.media_type":                  "image/png or the like",
	"sha256":                              "a hash of a file that is erased: nothing can be read from it",
	"POST /v1/grants note":                "it stands in the ledger, which no role may change",
	"POST /v1/cases/{id}/proposal note":   "shared/storetest erases it: no published policy asks for a second person",
	"POST /v1/second-looks/{id} note":     "staff's word on a picture, which names no customer",
	"POST /v1/signals/{id}/lift note":     "staff's word on a signal",
	"POST /v1/payments/{id}/resolve note": "it stands with a payment, whose books are kept, and says why money moved",
}

// textsOf returns the names of all texts that a body may hold: dotted, lists passed over. Words of
// a closed list and instants are none.
func textsOf(name string, schema *openapi3.Schema) []string {
	if schema.Type.Is("string") && len(schema.Enum) == 0 && schema.Format != "date-time" {
		return []string{name}
	}
	var all []string
	if schema.Items != nil {
		all = textsOf(name, schema.Items.Value)
	}
	for field, property := range schema.Properties {
		all = append(all, textsOf(strings.TrimPrefix(name+"."+field, "."), property.Value)...)
	}
	return all
}

// plantedIn returns the names of the texts of a body that hold the canary.
func plantedIn(name string, value any, canary string) []string {
	var all []string
	switch v := value.(type) {
	case string:
		if strings.Contains(v, canary) {
			return []string{name}
		}
	case []any:
		for _, one := range v {
			all = append(all, plantedIn(name, one, canary)...)
		}
	case map[string]any:
		for field, one := range v {
			all = append(all, plantedIn(strings.TrimPrefix(name+"."+field, "."), one, canary)...)
		}
	}
	return all
}

// planter sends requests whose texts hold the canary, and remembers which.
type planter struct {
	t       *testing.T
	canary  string
	planted map[string]bool // by route and name
}

// sends sends the body to a route, whose {id} is the one given, and demands a success.
func (p planter) sends(bearer, route, id string, body object) object {
	p.t.Helper()
	method, path, _ := strings.Cut(strings.ReplaceAll(route, "{id}", url.PathEscape(id)), " ")
	got := ask(p.t, method, path, bearer, body, "Idempotency-Key", unique("key"))
	require.Less(p.t, got.status, 300, "%s: %v", route, got.body)
	text, err := json.Marshal(body)
	require.NoError(p.t, err)
	var plain any
	require.NoError(p.t, json.Unmarshal(text, &plain))
	for _, name := range plantedIn("", plain, p.canary) {
		p.planted[route+" "+name] = true
	}
	return got.body
}

// gallery serves a picture that holds the canary beside its pixels.
func gallery(t *testing.T, canary string) string {
	t.Helper()
	var body bytes.Buffer
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := range img.Pix {
		img.Pix[i] = byte(i * i >> 3)
	}
	require.NoError(t, png.Encode(&body, img))
	// A tEXt chunk goes behind the header's, which ends at byte 33.
	text := append([]byte("tEXtComment\x00"), canary...)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(text)-4))
	chunk = binary.BigEndian.AppendUint32(append(chunk, text...), crc32.ChecksumIEEE(text))
	file := slices.Concat(body.Bytes()[:33], chunk, body.Bytes()[33:])
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(file) }))
	t.Cleanup(server.Close)
	return server.URL
}

// plantAll says the canary wherever a request has room for it.
func (p planter) plantAll(alice string) (caseID string) {
	link, canary := gallery(p.t, p.canary)+"/"+p.canary+".png", p.canary
	made := p.sends(local.AppKey, "POST /v1/generations", "", order(alice, object{
		"reference": canary, "prompt": canary, "template": canary, "asked": object{"width": 64, "height": 64},
	}))["id"].(string)
	p.sends(local.AppKey, "POST /v1/generations/{id}/result", made, with(success(), object{
		"outputs": []any{object{"url": link, "sha256": canary}}, "input": object{"url": link},
	}))
	becomes(p.t, made, "captured")
	failed := start(p.t, alice)
	broken := failure("platform")
	broken["failure"] = with(broken["failure"].(object), object{"message": canary})
	p.sends(local.AppKey, "POST /v1/generations/{id}/result", failed, broken)
	becomes(p.t, failed, "released")
	caseID = p.sends(local.AppKey, "POST /v1/reports", "", complaint(made, object{"description": canary}))["case"].(string)
	claimed := p.sends(local.AppKey, "POST /v1/refund-requests", "", object{
		"kind": "abnormal_charge", "customer": alice, "claim": object{
			"email": canary + "@example.com", "paid_at": now(), "amount": object{"currency": "USD", "minor": 1000}, "reason": canary,
			"transaction_ids": []any{canary}, "attachments": []any{"https://app.example/" + canary},
		},
	})["case"].(string)
	decided(p.t, claimed, "in_review", "X3")
	proof{"application/pdf", []byte("%PDF-1.7 " + canary)}.uploads(p.t, alice)
	p.sends(local.OperatorKey, "POST /v1/cases/{id}/skips", claimed, object{"reason": canary})
	p.sends(local.OperatorKey, "POST /v1/cases/{id}/verdict", claimed, object{"outcome": "declined", "note": canary})
	soon(p.t, "the claim is declined", func() bool { return matter(p.t, claimed)["state"] == "declined" })
	p.sends(local.AppKey, "POST /v1/cases/{id}/appeal", claimed, object{"words": canary})
	p.sends(local.OperatorKey, "PUT /v1/customers/{id}/standing", alice, object{"standing": "restricted", "note": canary})
	soon(p.t, "the report is decided", func() bool { return matter(p.t, caseID)["state"] != "received" })
	return caseID
}

func TestWhatIsErasedIsFoundNowhere(t *testing.T) {
	alice, canary := customer(t, 100), unique("canary")
	p := planter{t, canary, map[string]bool{}}
	caseID := p.plantAll(alice)

	// Every text of every request is planted, or is told why it stays.
	contract, err := openapi3.NewLoader().LoadFromFile("../../shared/api/openapi.yaml")
	require.NoError(t, err)
	for path, item := range contract.Paths.Map() {
		for method, operation := range item.Operations() {
			if operation.RequestBody == nil || strings.HasPrefix(path, "/webhooks/") {
				continue
			}
			route := method + " " + path
			for _, name := range textsOf("", operation.RequestBody.Value.Content["application/json"].Schema.Value) {
				_, everywhere := neverPersonal[name]
				_, here := neverPersonal[route+" "+name]
				require.True(t, everywhere || here || p.planted[route+" "+name],
					"%s has the text %s: plant it here, so that it is proven erased, or say in neverPersonal why it stays", route, name)
			}
		}
	}

	seen := asStaff(t, "GET", "/v1/cases/"+caseID, nil, 200)["evidence"].(object)
	require.Equal(t, []any{canary, canary, object{"width": 64.0, "height": 64.0}}, []any{seen["prompt"], seen["template"], seen["asked"]})
	require.Contains(t, string(fetched(t, seen["output"].(object)["url"].(string))), canary, "the link gives our copy, while it lasts")
	require.NotContains(t, asApp(t, "GET", "/v1/cases/"+caseID, nil, 200), "evidence", "staff alone see it")
	there := asStaff(t, "GET", "/v1/customers/"+alice+"/personal", nil, 200)
	require.Equal(t, []any{2.0, 2.0, 1.0, 1.0}, []any{there["cases"], there["generations"], there["standing_notes"], there["evidence"]})
	kept := strings.Join(objectsWith(t, canary), " ")
	require.Regexp(t, "/cas_.*/attachments/att_|/attachments/att_.*/cas_", kept, "the picture and the attachment are kept first")
	address := "/v1/find?q=" + url.QueryEscape(strings.ToUpper(canary)+"@example.com")
	require.Len(t, asStaff(t, "GET", address, nil, 200)["hits"], 2, "the claim is found by its address, and so is alice")
	verdict := matter(t, caseID)["decision"]
	lines := statement(t, alice)
	for range 3 {
		got := ask(t, "DELETE", "/v1/customers/"+alice+"/personal", local.OperatorKey, nil)
		require.Equal(t, 200, got.status, got.body)
		require.True(t, got.body["complete"].(bool))
		if got.body["cases"].(float64)+got.body["generations"].(float64)+got.body["standing_notes"].(float64)+got.body["evidence"].(float64) == 0 {
			break
		}
	}
	require.Empty(t, whereIs(t, canary))
	require.Empty(t, asStaff(t, "GET", address, nil, 200)["hits"], "what finds an address is erased with it")
	require.Equal(t, verdict, matter(t, caseID)["decision"])
	require.Equal(t, lines, statement(t, alice))
}

// fetched returns what a link gives to whoever has it.
func fetched(t *testing.T, link string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, http.NoBody)
	require.NoError(t, err)
	got, err := client.Do(request)
	require.NoError(t, err)
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.StatusCode, "%s", body)
	return body
}

// whereIs returns the tables, objects and queues that hold the text.
func whereIs(t *testing.T, text string) []string {
	t.Helper()
	var places []string
	db := local.DynamoDB(stack.Endpoints.DynamoDBURL)
	for name, table := range stack.Tables {
		for pages := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: aws.String(table)}); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			for _, row := range page.Items {
				said, err := json.Marshal(row)
				require.NoError(t, err)
				if bytes.Contains(said, []byte(text)) {
					places = append(places, fmt.Sprintf("%s: %s", name, said))
				}
			}
		}
	}
	return slices.Concat(places, objectsWith(t, text), messagesWith(t, text))
}

func objectsWith(t *testing.T, text string) []string {
	t.Helper()
	var places []string
	client := local.S3(stack.S3URL())
	for _, bucket := range stack.Buckets {
		page, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(bucket)})
		require.NoError(t, err)
		for _, object := range page.Contents {
			got, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(bucket), Key: object.Key})
			require.NoError(t, err)
			body, err := io.ReadAll(got.Body)
			require.NoError(t, err)
			require.NoError(t, got.Body.Close())
			if strings.Contains(*object.Key, text) || bytes.Contains(body, []byte(text)) {
				places = append(places, *object.Key)
			}
		}
	}
	return places
}

// messagesWith looks at messages without taking them.
func messagesWith(t *testing.T, text string) []string {
	t.Helper()
	var places []string
	for _, name := range slices.Sorted(maps.Keys(stack.QueueURLs)) {
		from, address := queue(name)
		got, err := from.ReceiveMessage(context.WithoutCancel(t.Context()), &sqs.ReceiveMessageInput{
			QueueUrl: address, MaxNumberOfMessages: 10, VisibilityTimeout: 0,
		})
		require.NoError(t, err)
		for _, message := range got.Messages {
			if strings.Contains(aws.ToString(message.Body), text) {
				places = append(places, name+": "+*message.Body)
			}
		}
	}
	return places
}
