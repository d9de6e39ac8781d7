package acceptance_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// proof is a file that a customer attaches, and announced is what they say of it first.
type proof struct {
	mediaType string
	bytes     []byte
}

var receipt = proof{"application/pdf", []byte("%PDF-1.7 paid 10.00 USD")}

func (p proof) announced(customer string) object {
	sum := sha256.Sum256(p.bytes)
	return object{"customer": customer, "media_type": p.mediaType, "bytes": len(p.bytes), "sha256": hex.EncodeToString(sum[:])}
}

// opens opens the attachment as the bearer, and returns the answer.
func (p proof) opens(t *testing.T, customer, bearer, key string) object {
	t.Helper()
	opened := ask(t, "POST", "/v1/attachments", bearer, p.announced(customer), "Idempotency-Key", key)
	require.Equal(t, 201, opened.status, opened.body)
	return opened.body
}

// put sends bytes by an upload as plain HTTP does, with other headers where those are named.
func put(t *testing.T, upload object, body []byte, headers ...string) (status int, text string, header http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), upload["method"].(string), upload["url"].(string), bytes.NewReader(body))
	require.NoError(t, err)
	for name, value := range upload["headers"].(object) {
		request.Header.Set(name, value.(string))
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := client.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(read), answer.Header
}

// uploads opens the attachment with the customer's own token, sends its bytes, and returns its id.
func (p proof) uploads(t *testing.T, customer string) string {
	t.Helper()
	opened := p.opens(t, customer, token(t, customer), unique("key"))
	status, text, _ := put(t, opened["upload"].(object), p.bytes)
	require.Equal(t, 200, status, text)
	return opened["id"].(string)
}

func TestACustomerUploadsWhatTheyAnnouncedAndNothingElse(t *testing.T) {
	alice, key := unique("alice"), unique("key")
	own := token(t, alice)
	opened := receipt.opens(t, alice, own, key)
	upload := opened["upload"].(object)
	other := bytes.ToUpper(receipt.bytes)
	for name, c := range map[string]struct {
		body    []byte
		headers []string
		status  int
		code    string
	}{
		"other bytes":          {other, nil, 400, "BadDigest"},
		"fewer":                {receipt.bytes[1:], nil, 403, "SignatureDoesNotMatch"},
		"more":                 {append(bytes.Clone(receipt.bytes), '!'), nil, 403, "SignatureDoesNotMatch"},
		"another type":         {receipt.bytes, []string{"Content-Type", "text/html"}, 403, "SignatureDoesNotMatch"},
		"another checksum":     {other, []string{"x-amz-checksum-sha256", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, 403, "SignatureDoesNotMatch"},
		"what nobody signed":   {receipt.bytes, []string{"x-amz-acl", "public-read"}, 403, "AccessDenied"},
		"to a customer beside": {receipt.bytes, nil, 403, "SignatureDoesNotMatch"},
	} {
		to := upload
		if name == "to a customer beside" {
			to = with(upload, object{"url": strings.Replace(upload["url"].(string), "/attachments/", "x/attachments/", 1)})
		}
		status, text, _ := put(t, to, c.body, c.headers...)
		require.Equal(t, c.status, status, "%s: %s", name, text)
		require.Contains(t, text, "<Code>"+c.code+"</Code>", name)
	}
	again := receipt.opens(t, alice, own, key)
	require.Equal(t, []any{opened["id"], opened["expires_at"]}, []any{again["id"], again["expires_at"]}, "a repeat is the same attachment")
	for _, link := range []any{upload, again["upload"], upload} {
		status, text, _ := put(t, link.(object), receipt.bytes)
		require.Equal(t, 200, status, text)
	}
}

func TestAPageUploadsFromAListedOriginAlone(t *testing.T) {
	alice, page := unique("alice"), stack.BaseURL // of this host, which the local stack lists
	opened := ask(t, "POST", "/v1/attachments", token(t, alice), receipt.announced(alice), "Idempotency-Key", unique("key"), "Origin", page)
	require.Equal(t, 201, opened.status, opened.body)
	upload := opened.body["upload"].(object)
	for origin, status := range map[string]int{page: 200, strings.Replace(page, "127.0.0.1", "localhost", 1): 200, "https://evil.example": 403} {
		preflight, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, upload["url"].(string), http.NoBody)
		require.NoError(t, err)
		preflight.Header.Set("Origin", origin)
		preflight.Header.Set("Access-Control-Request-Method", "PUT")
		preflight.Header.Set("Access-Control-Request-Headers", "content-type,x-amz-checksum-sha256")
		answer, err := client.Do(preflight)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, status, answer.StatusCode, origin)
		allowed := map[int]string{200: origin, 403: ""}[status]
		require.Equal(t, allowed, answer.Header.Get("Access-Control-Allow-Origin"))
		// What S3 refuses is read by the page that may ask, and by no other.
		refused, _, header := put(t, upload, []byte("nothing"), "Origin", origin)
		require.Equal(t, []any{403, allowed}, []any{refused, header.Get("Access-Control-Allow-Origin")})
	}
	status, _, header := put(t, upload, receipt.bytes, "Origin", page)
	require.Equal(t, []any{200, page}, []any{status, header.Get("Access-Control-Allow-Origin")})
}

func TestAReportOrAClaimTakesWhatWasUploadedOnce(t *testing.T) {
	alice, bob := customer(t, 16), customer(t, 4)
	own, made := token(t, alice), picture(t, alice)
	opened := receipt.opens(t, alice, own, unique("key"))
	id := opened["id"]
	reports := func(about string, attachments ...any) answer {
		return ask(t, "POST", "/v1/reports", own, complaint(about, object{"attachments": attachments}), "Idempotency-Key", unique("key"))
	}
	refused := func(got answer, status int, code, field string) {
		t.Helper()
		require.Equal(t, []any{status, code, field}, []any{got.status, got.body["code"], got.body["field"]}, got.body)
	}
	refused(reports(made, id), 409, "attachment_missing", "attachments[0]")
	status, text, _ := put(t, opened["upload"].(object), receipt.bytes)
	require.Equal(t, 200, status, text)
	refused(reports(made, id, receipt.uploads(t, bob)), 404, "attachment_not_found", "attachments[1]")
	refused(reports(made, id, proof{"image/png", []byte("no picture")}.uploads(t, alice)), 400, "attachment_type", "attachments[1]")
	filed := reports(made, id)
	require.Equal(t, 202, filed.status, filed.body)
	refused(reports(picture(t, alice), id), 409, "attachment_taken", "attachments[0]")
	taken := claim("outage", alice, "pi_1")
	taken["claim"].(object)["attachments"] = []any{"https://files.example.com/1", id}
	refused(ask(t, "POST", "/v1/refund-requests", own, taken, "Idempotency-Key", unique("key")), 409, "attachment_taken", "claim.attachments[1]")

	caseID := filed.body["case"].(string)
	shown := object{"id": id, "media_type": "application/pdf", "bytes": float64(len(receipt.bytes))}
	seen := ask(t, "GET", "/v1/cases/"+caseID, own, nil).body["asked"].(object)["attachments"]
	require.Equal(t, []any{shown}, seen, "a customer is shown no link")
	staffs := asStaff(t, "GET", "/v1/cases/"+caseID, nil, 200)["asked"].(object)["attachments"].([]any)[0].(object)
	require.Equal(t, receipt.bytes, fetched(t, staffs["url"].(string)))
	again := receipt.uploads(t, alice)
	taken["claim"].(object)["attachments"] = []any{again}
	claimed := asApp(t, "POST", "/v1/refund-requests", taken, 202)["case"].(string)
	require.Equal(t, again, matter(t, claimed)["asked"].(object)["attachments"].([]any)[0].(object)["id"])
}
