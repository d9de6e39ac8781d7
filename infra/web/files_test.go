package web_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
	"makegood/infra/local"
)

// chosen is a file that a person chooses.
type chosen struct{ name, mediaType, begins string }

var (
	screenshot = chosen{"screenshot.png", "image/png", "\x89PNG\r\n\x1a\n and more"}
	receipt    = chosen{"receipt.pdf", "application/pdf", "%PDF-1.7 and more"}
)

// chooses gives the form files, as the system's dialog would, which no key of a page opens.
func chooses(p *browsertest.Page, files ...chosen) {
	var made []string
	for _, file := range files {
		made = append(made, fmt.Sprintf("new File([Uint8Array.from(atob(%q), c => c.charCodeAt(0))], %q, {type: %q})", base64.StdEncoding.EncodeToString([]byte(file.begins)), file.name, file.mediaType))
	}
	browsertest.Value[any](p, "(() => { const all = new DataTransfer(); for (const one of ["+strings.Join(made, ",")+"]) all.items.add(one); const input = "+inside("[type=file]")+"; input.files = all.files; input.dispatchEvent(new Event('change')); return null })()")
}

// files are those that the form shows, each with how far it is.
func files(p *browsertest.Page) []string {
	return browsertest.Value[[]string](p, `Array.from(document.querySelector("makegood-claim").shadowRoot.querySelectorAll("li"), e => e.querySelector("span").innerText + " " + e.querySelector("small").innerText)`)
}

// uploaded waits until the form shows just these files.
func uploaded(p *browsertest.Page, want ...string) {
	p.Holds("the files are as they should be", fmt.Sprintf("Array.from(document.querySelector('makegood-claim').shadowRoot.querySelectorAll('li'), e => e.querySelector('span').innerText + ' ' + e.querySelector('small').innerText).join() === %q", strings.Join(want, ",")))
}

func TestProofsAreUploadedAsTheyAreChosenAndStandInTheCase(t *testing.T) {
	a := claimPage(t, "en", "")
	p := claims(t)
	comes(p, "[type=file]")
	chooses(p, screenshot, receipt, chosen{"wrong.webp", "image/webp", "RIFF\x10\x00\x00\x00WEBPVP8 "})
	uploaded(p, "screenshot.png ✓", "receipt.pdf ✓", "wrong.webp ✓")
	p.Axe()
	keeps(t, p, "claim-files")

	// The last of them is taken off again, by keys.
	p.Press("Tab", "Tab", "Tab")
	assert.Equal(t, "Remove wrong.webp", browsertest.Value[string](p, inside(":focus")+".ariaLabel"))
	p.Press("Enter")
	uploaded(p, "screenshot.png ✓", "receipt.pdf ✓")
	p.Holds("the focus is on the field", inside("[type=file]:focus"))
	comes(p, "[name=kind]")
	fills(p, "Nothing came.")
	sent := event(p, "mg-sent")
	taken := call(t, local.OperatorKey, http.MethodGet, "/v1/cases/"+sent["case"].(string), nil)["asked"].(map[string]any)["attachments"].([]any)
	require.Len(t, taken, 2)
	for i, file := range []chosen{screenshot, receipt} {
		one := taken[i].(map[string]any)
		assert.Equal(t, []any{file.mediaType, float64(len(file.begins))}, []any{one["media_type"], one["bytes"]})
	}
	assert.Equal(t, 3, a.proofs)
	// Nobody was asked but the API, and the bucket that it named.
	assert.Equal(t, []any{stack.S3URL()}, browsertest.Value[any](p, "[...new Set(performance.getEntriesByType('resource').map(r => new URL(r.name).origin))].filter(o => o !== location.origin)"))
}

func TestAFileThatIsNoProofIsRefusedInWordsBeforeAnythingIsSent(t *testing.T) {
	a := claimPage(t, "en", "")
	p := claims(t)
	for _, file := range []chosen{
		{"program.exe", "application/x-msdownload", "MZ"},
		{"drawing.svg", "image/svg+xml", "<svg/>"},
		{"empty.png", "image/png", ""},
		{"huge.png", "image/png", strings.Repeat("x", 10<<20+1)},
	} {
		chooses(p, file)
		assert.Equal(t, map[string]string{"attachments": file.name + ": Not taken. Up to 5 files, 10 MB each: PNG, JPEG, WebP, PDF"}, marked(p))
	}
	assert.Empty(t, files(p))
	assert.Zero(t, a.proofs)
	p.Axe()
	keeps(t, p, "claim-unfit")
	chooses(p, screenshot, screenshot, screenshot, screenshot, receipt, receipt)
	assert.Len(t, files(p), 5)
	assert.Contains(t, marked(p)["attachments"], "receipt.pdf: Not taken.")
}

func TestAnUploadThatFailsIsTriedAgainByAFreshLinkAndThenSaysSo(t *testing.T) {
	a := claimPage(t, "en", "")
	a.spoilt = 1
	p := claims(t)
	p.Forgive("status of 404")
	chooses(p, receipt)
	uploaded(p, "receipt.pdf ✓")
	assert.Equal(t, 2, a.proofs)

	a.spoilt = 3
	chooses(p, screenshot)
	uploaded(p, "receipt.pdf ✓", "screenshot.png Not uploaded. Please remove it and choose it again.")
	assert.Equal(t, 5, a.proofs)
	comes(p, "[name=kind]")
	fills(p, "Nothing came.")
	says(p, "Please complete or check: Screenshots or receipts")
	p.Holds("the field has the focus", inside("[type=file]:focus"))
	p.Axe()
	keeps(t, p, "claim-upload-failed")
	assert.Empty(t, a.keys)
	p.Press("Tab", "Tab", "Enter")
	uploaded(p, "receipt.pdf ✓")
	comes(p, "[part=submit]")
	p.Press("Enter")
	event(p, "mg-sent")
}

func TestAFileWhoseBytesAreOfAnotherTypeIsNamedByTheAnswer(t *testing.T) {
	a := claimPage(t, "en", "")
	p := claims(t)
	p.Forgive("status of 400")
	chooses(p, receipt, chosen{"renamed.png", "image/png", "GIF89a"})
	uploaded(p, "receipt.pdf ✓", "renamed.png ✓")
	fills(p, "Nothing came.")
	says(p, "Please complete or check: Screenshots or receipts")
	uploaded(p, "receipt.pdf ✓", "renamed.png Not uploaded. Please remove it and choose it again.")
	assert.Equal(t, "attachment_type", event(p, "mg-error")["code"])
	assert.Len(t, a.keys, 1)
	assert.Empty(t, a.cases(t))
}
