package browsertest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/infra/browsertest"
)

// marked is where the box lies on the picture that it is drawn over, in thousandths of it as it is
// shown now.
func marked(page *browsertest.Page) []int {
	return browsertest.Value[[]int](page, `(() => {
		const box = document.querySelector(".region rect").getBoundingClientRect(), on = document.querySelector("figure:has(.region) img").getBoundingClientRect();
		return [(box.left - on.left) / on.width, (box.top - on.top) / on.height, box.width / on.width, box.height / on.height].map(part => Math.round(part * 1000));
	})()`)
}

func TestThePartThatACustomerMarkedIsDrawnOverTheOutputHoweverItIsLookedAt(t *testing.T) {
	o, cases := waits(t, 1)
	want := []int{sixth.X, sixth.Y, sixth.Width, sixth.Height}
	for name, how := range map[string][]browsertest.Setting{"wide": nil, "narrow, at night": {browsertest.Width(320), browsertest.Dark()}} {
		page := o.lets(t, "ann", how...)
		page.Open(o.base + "/console/cases/" + string(cases[0]))
		page.Sees("#said + p + p + p", "60 to 79 % from the left, 33 to 67 % from the top")
		page.Holds("the pictures are there", "[...document.querySelectorAll('figure:not(.difference) img')].every(i => i.naturalWidth > 0)")
		assert.InDeltaSlice(t, want, marked(page), 1, name)
		page.Axe()

		// Enlarged and moved, it stays where it is on the picture; its line does not thicken.
		page.Press("+", "+", "+")
		page.Holds("it is enlarged", `document.querySelector("figure:has(.region) .sheet").style.transform.includes("scale(3.375)")`)
		page.Click("figure:has(.region) .frame")
		page.Press("ArrowRight", "ArrowDown")
		assert.InDeltaSlice(t, want, marked(page), 1, name)
		assert.InDelta(t, 2, browsertest.Value[float64](page, `parseFloat(getComputedStyle(document.querySelector(".region rect + rect")).strokeWidth) * 3.375`), 0.1)
		page.Fits()
	}
	// It is on the output alone.
	page := o.lets(t, "ann", browsertest.WithoutScript())
	page.Open(o.base + "/console/cases/" + string(cases[0]))
	assert.Len(t, page.Texts(".region"), 1)
	assert.Len(t, page.Texts(`figure:has(img[alt="Output"]) .region`), 1)
	assert.InDeltaSlice(t, want, marked(page), 1)
}
