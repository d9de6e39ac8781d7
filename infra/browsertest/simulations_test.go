package browsertest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
)

// draft is photoroom's policy under which reports come too late after half the time.
func draft(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("../../shared/policy/published/photoroom/2026-01-01.yaml")
	require.NoError(t, err)
	return strings.NewReplacer("revision: 2026-01-01", "revision: 2026-12-01", "report: 24h", "report: 30s").Replace(string(source))
}

// simulates has somebody try the draft, and returns the path of what it comes to.
func (o *office) simulates() string {
	o.t.Helper()
	ask := func(method, path string, form url.Values, cookies ...*http.Cookie) *http.Response {
		request, err := http.NewRequestWithContext(o.t.Context(), method, o.base+path, strings.NewReader(form.Encode()))
		require.NoError(o.t, err)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", "same-origin")
		for _, cookie := range cookies {
			request.AddCookie(cookie)
		}
		answer, err := http.DefaultTransport.RoundTrip(request) // no redirect is followed
		require.NoError(o.t, err)
		require.NoError(o.t, answer.Body.Close())
		require.Equal(o.t, http.StatusSeeOther, answer.StatusCode)
		return answer
	}
	entered := ask(http.MethodGet, "/enter?as=ann", nil)
	begun := ask(http.MethodPost, "/console/simulations", url.Values{"draft": {draft(o.t)}}, entered.Cookies()...)
	return begun.Header.Get("Location")
}

func TestADraftIsSimulatedWithAndWithoutScript(t *testing.T) {
	o, cases := waits(t, 3)
	text, err := json.Marshal(draft(t))
	require.NoError(t, err)
	typed := `(document.querySelector("textarea").value = ` + string(text) + `, true)`
	asFile := `(files => (files.items.add(new File([` + string(text) + `], "draft.yaml")), document.querySelector("[type=file]").files = files.files, true))(new DataTransfer)`
	for handedIn, how := range map[string][]browsertest.Setting{typed: {browsertest.Width(320), browsertest.Dark()}, asFile: {browsertest.WithoutScript()}} {
		page := o.lets(t, "ann", how...)
		page.Open(o.base + "/console/simulations")
		page.Sees("h1", "Simulation")
		page.Fits()
		browsertest.Value[bool](page, handedIn)
		page.Load(func() { page.Click("form.panel .primary") })
		page.Sees("main", "3 cases. The draft would answer 3 otherwise, 3 with another outcome.")
		page.Fits()
		assert.Len(t, page.Texts(`tbody a[href^="/console/cases/"]`), len(cases))
	}
}

func TestASimulationGoesOnByItselfWhereAScriptPressesItsButton(t *testing.T) {
	o, _ := waits(t, 3)
	path := o.simulates()
	begun := func() {
		for key, text := range o.drafts {
			var at map[string]any
			require.NoError(t, json.Unmarshal(text, &at))
			at["done"], at["run"].(map[string]any)["rules"], at["run"].(map[string]any)["check"] = false, map[string]any{}, map[string]any{}
			o.drafts[key], _ = json.Marshal(at)
		}
	}
	begun()
	still := o.lets(t, "ann", browsertest.WithoutScript())
	still.Open(o.base + path)
	still.Sees("main", "cases read so far")
	still.Load(func() { still.Click(".notice button") })
	still.Sees("main", "Every recorded verdict is reproduced exactly: 3 of 3.")

	begun()
	page := o.lets(t, "ann")
	page.Open(o.base + path)
	page.Sees("main", "Every recorded verdict is reproduced exactly: 3 of 3.")
	page.Axe()
}
