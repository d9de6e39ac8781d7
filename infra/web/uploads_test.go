package web_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
	"makegood/infra/local"
)

const lost = "Not uploaded. Please remove it and choose it again."

// counts has the page count the files that it begins to send to the bucket.
func counts(p *browsertest.Page) {
	browsertest.Value[any](p, "(() => { window.puts = 0; const send = XMLHttpRequest.prototype.send; XMLHttpRequest.prototype.send = function (...all) { puts++; return send.apply(this, all) }; return null })()")
}

// hashesSlowly has the page wait with each hash until go is called.
func hashesSlowly(p *browsertest.Page) {
	browsertest.Value[any](p, "(() => { const digest = crypto.subtle.digest.bind(crypto.subtle); crypto.subtle.digest = async (...all) => { await new Promise(done => window.go = done); window.hashed = true; return digest(...all) }; return null })()")
}

// later lets the page do what it would do next.
func later(p *browsertest.Page) {
	browsertest.Value[any](p, "(window.later = false, setTimeout(() => window.later = true, 200), null)")
	p.Holds("it is later", "window.later")
}

// asked is how many attachments the page has asked for.
func (a *app) asked() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.proofs
}

func TestAnUploadThatIsRefusedIsToldByItsCodeAndByAnEvent(t *testing.T) {
	for code, told := range map[string]struct {
		answers []int
		words   string
	}{
		"unauthorized": {[]int{http.StatusUnauthorized, http.StatusUnauthorized}, "You are no longer signed in."},
		"forbidden":    {[]int{http.StatusForbidden}, "Claims cannot be sent from this page."},
		"throttled":    {[]int{http.StatusTooManyRequests}, "That did not work. Please try again later."},
	} {
		a := claimPage(t, "en", "")
		a.denied, a.code = told.answers, code
		p := claims(t)
		p.Forgive("status of 4")
		chooses(p, receipt)
		says(p, told.words)
		uploaded(p, "receipt.pdf "+lost)
		assert.Equal(t, map[string]any{"code": code}, event(p, "mg-error"))
	}
}

func TestASessionThatEndsBeforeAFileIsAnnouncedIsRenewed(t *testing.T) {
	a := claimPage(t, "en", "")
	p := claims(t)
	p.Forgive("status of 401")
	hashesSlowly(p)
	chooses(p, receipt)
	p.Holds("it is hashed", "window.go")
	a.denied = []int{http.StatusUnauthorized}
	before := browsertest.Value[int](p, "sessions")
	browsertest.Value[any](p, "(go(), null)")
	uploaded(p, "receipt.pdf ✓")
	assert.Equal(t, before+1, browsertest.Value[int](p, "sessions"))
	assert.Equal(t, 2, a.asked())
}

func TestAFileThatIsRemovedOnItsWayIsNotSent(t *testing.T) {
	a := claimPage(t, "en", "")
	p := claims(t)
	counts(p)
	hashesSlowly(p)
	chooses(p, screenshot)
	p.Holds("it is hashed", "window.go")
	comes(p, "li button")
	p.Press("Enter")
	browsertest.Value[any](p, "(go(), null)")
	p.Holds("the hash has come", "window.hashed")

	// Removed when it is announced already.
	a.held = make(chan struct{})
	browsertest.Value[any](p, "(window.go = undefined)")
	chooses(p, receipt)
	p.Holds("it is hashed", "window.go")
	browsertest.Value[any](p, "(go(), null)")
	waits(t, func() bool { return a.asked() > 0 })
	comes(p, "li button")
	p.Press("Enter")
	close(a.held)
	p.Holds("its answer has come", "performance.getEntriesByType('resource').some(r => r.name.endsWith('/v1/attachments'))")
	later(p)
	assert.Equal(t, 1, a.asked(), "the first was not announced")
	assert.Zero(t, browsertest.Value[int](p, "puts"))
	assert.Empty(t, files(p))
}

func TestADialogThatIsClosedMidwaySendsNothingMore(t *testing.T) {
	a := claimPage(t, "en", "")
	a.held = make(chan struct{})
	p := claims(t)
	counts(p)
	chooses(p, receipt)
	waits(t, func() bool { return a.asked() == 1 })
	fills(p, "Nothing came.")
	says(p, "One moment")
	p.Press("Escape")
	p.Holds("the dialog is gone", "!"+inside("dialog"))
	close(a.held)
	later(p)
	assert.Zero(t, browsertest.Value[int](p, "puts"))
	assert.Empty(t, a.keys)
	assert.Empty(t, a.cases(t))
}

func TestWhileSendWaitsForAFileItCanBeRemovedAndIsSentOnce(t *testing.T) {
	a := claimPage(t, "en", "")
	p := claims(t)
	chooses(p, screenshot)
	uploaded(p, "screenshot.png ✓")
	a.held = make(chan struct{})
	chooses(p, receipt)
	waits(t, func() bool { return a.asked() == 2 })
	fills(p, "Nothing came.")
	says(p, "One moment")
	p.Press("Enter") // once more
	assert.False(t, browsertest.Value[bool](p, inside("form")+".inert"))
	browsertest.Value[any](p, "("+inside("li:last-child button")+".focus(), null)")
	p.Press("Enter")
	close(a.held)
	sent := event(p, "mg-sent")
	assert.Len(t, a.keys, 1)
	taken := call(t, local.OperatorKey, http.MethodGet, "/v1/cases/"+sent["case"].(string), nil)["asked"].(map[string]any)["attachments"].([]any)
	require.Len(t, taken, 1)
	assert.Equal(t, "image/png", taken[0].(map[string]any)["media_type"])
}

func TestAFileThatIsChosenOfflineSaysSoAndComesWhenTheNetworkIsBack(t *testing.T) {
	claimPage(t, "en", "")
	p := claims(t)
	p.Offline(true)
	chooses(p, receipt)
	uploaded(p, "receipt.pdf You are offline. This goes on when you are back online.")
	p.Offline(false)
	uploaded(p, "receipt.pdf ✓")
	assert.Empty(t, browsertest.Value[string](p, inside("[part=status]")+".textContent"))
}
