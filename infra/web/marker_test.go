package web_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
	"makegood/infra/local"
)

const withPicture = `<makegood-report picture="/picture.png"></makegood-report>`

// marks opens the dialog of a picture that the page shows, and comes to it by Tab.
func marks(t *testing.T, lang string, how ...browsertest.Setting) *browsertest.Page {
	t.Helper()
	a := newApp(t, page(lang, withPicture))
	p := opened(t, a.picture(t), how...)
	p.Holds("the reasons are there", inside("input:focus"))
	p.Holds("the picture is there", inside("img")+"?.naturalWidth > 0")
	p.Press("Space", "Tab")
	p.Holds("the picture has the focus", inside("[part=picture]:focus"))
	return p
}

// says what is marked.
func where(p *browsertest.Page) string {
	return browsertest.Value[string](p, inside("output")+".textContent")
}

// filed sends the report and returns which region its case has.
func filed(t *testing.T, p *browsertest.Page) any {
	t.Helper()
	browsertest.Value[any](p, "("+inside("[part=submit]")+".click(), null)")
	id := event(p, "mg-sent")["case"].(string)
	return call(t, local.OperatorKey, http.MethodGet, "/v1/cases/"+id, nil)["asked"].(map[string]any)["region"]
}

func region(x, y, width, height float64) map[string]any {
	return map[string]any{"x": x, "y": y, "width": width, "height": height}
}

func TestAPartOfThePictureIsMarkedByKeysAlone(t *testing.T) {
	p := marks(t, "en")
	p.Axe()
	require.Empty(t, where(p))
	p.Press("ArrowRight")
	assert.Equal(t, "Box: 40% from the left, 40% from the top, 20% wide, 20% high", where(p))
	p.Press("ArrowRight", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown")
	assert.Equal(t, "Box: 45% from the left, 35% from the top, 25% wide, 30% high", where(p))
	p.Axe()
	keeps(t, p, "report-marked")

	// It stays within the picture, and is never nothing.
	for range 20 {
		p.Press("ArrowLeft", "Shift+ArrowUp")
	}
	assert.Equal(t, "Box: 0% from the left, 35% from the top, 25% wide, 1% high", where(p))
	for range 20 {
		p.Press("Shift+ArrowRight", "ArrowDown")
	}
	assert.Equal(t, "Box: 0% from the left, 99% from the top, 100% wide, 1% high", where(p))

	// A key takes it off, and so does the button, from which the focus returns.
	p.Press("Delete")
	assert.Empty(t, where(p))
	assert.True(t, browsertest.Value[bool](p, inside("[part=mark]")+".hidden"))
	p.Press("ArrowDown", "Tab", "Enter")
	p.Holds("the picture has the focus", inside("[part=picture]:focus"))
	assert.Empty(t, where(p))
	p.Press("ArrowDown", "ArrowDown", "Tab", "Tab")
	p.Holds("the words come next", inside("textarea:focus"))
	assert.Equal(t, region(400, 450, 200, 200), filed(t, p))
}

func TestAPartOfThePictureIsMarkedByThePointer(t *testing.T) {
	p := marks(t, "en")
	picture := inside("[part=picture]")
	p.Drag(picture, browsertest.Point{X: 0.8, Y: 0.6}, browsertest.Point{X: 0.5, Y: 1.2})
	p.Holds("it is marked", "!"+inside("[part=mark]")+".hidden")
	assert.Contains(t, where(p), "Box: 50% from the left, 60% from the top", "from whichever corner, and to the picture's edge")
	assert.Contains(t, where(p), "40% high")

	// A press that is no drag marks what lies around it.
	p.Drag(picture, browsertest.Point{X: 0.95, Y: 0.25}, browsertest.Point{X: 0.95, Y: 0.25})
	assert.Equal(t, "Box: 80% from the left, 15% from the top, 20% wide, 20% high", where(p))
	p.Drag(picture, browsertest.Point{X: 0.25, Y: 0.125}, browsertest.Point{X: 0.75, Y: 0.5})
	keeps(t, p, "report-marked-pointer")
	got := filed(t, p).(map[string]any)
	for side, want := range region(250, 125, 500, 375) {
		assert.InDelta(t, want, got[side], 4, "%s, to a pixel", side)
	}
}

func TestWhoMarksNothingReportsNoRegion(t *testing.T) {
	assert.Nil(t, filed(t, marks(t, "en")))
}

func TestThePictureFitsEveryReader(t *testing.T) {
	for name, c := range map[string]struct {
		lang, where string
		how         []browsertest.Setting
	}{
		"narrow": {"de", "Rahmen: 40 % von links, 40 % von oben, 20 % breit, 20 % hoch", []browsertest.Setting{browsertest.Width(320)}},
		"arabic": {"ar", "الإطار: 40", []browsertest.Setting{browsertest.Width(320), browsertest.Dark()}},
		"forced": {"fr", "Cadre : à 40", []browsertest.Setting{browsertest.ForcedColors()}},
	} {
		p := marks(t, c.lang, c.how...)
		p.Press("ArrowRight")
		assert.Contains(t, where(p), c.where)
		// Left is left, whichever way one reads.
		assert.InDelta(t, 0.4, browsertest.Value[float64](p, `(() => {
			const mark = `+inside("[part=mark]")+`.getBoundingClientRect(), on = `+inside("img")+`.getBoundingClientRect();
			return (mark.left - on.left) / on.width;
		})()`), 0.01, name)
		p.Fits()
		p.Axe()
		keeps(t, p, "report-marked-"+name)
	}
}

func TestAPictureThatDoesNotLoadIsLeftOut(t *testing.T) {
	a := newApp(t, page("en", `<makegood-report picture="/nothing.png"></makegood-report>`))
	p := browser.Page(t)
	p.Forgive("status of 404")
	p.Open(shop.URL + "/?generation=" + a.picture(t))
	p.Press("Tab", "Enter")
	p.Holds("the reasons are there", inside("input:focus"))
	p.Holds("no picture is there", "!"+inside("[part=picture]"))
	asks(p, "Six fingers")
	says(p, "We're reviewing this result")
}

func TestWhatWasMarkedOnAPictureThatThenDoesNotLoadIsNotSent(t *testing.T) {
	p := marks(t, "en")
	p.Forgive("status of 404")
	p.Press("ArrowRight")
	browsertest.Value[any](p, "("+inside("img")+".src = '/nothing.png', null)")
	p.Holds("no picture is there", "!"+inside("[part=picture]"))
	assert.Nil(t, filed(t, p))
}
