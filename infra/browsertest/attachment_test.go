package browsertest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/infra/browsertest"
	"makegood/shared/attachment"
	"makegood/shared/generation"
	"makegood/shared/refund"
)

// attaches opens the case of a picture of alice's, with two pictures and a PDF of hers that show
// what is wrong.
func (o *office) attaches() refund.CaseID {
	o.t.Helper()
	o.Grants("alice", 40)
	picture := o.StartsUnder("alice", 1, o.Key())
	came := o.Success(0)
	came.Outputs, came.InputURL = []generation.Output{{URL: outputLink, MediaType: "image/png"}}, inputLink
	o.Settles(picture, came)
	id := o.Shows(picture, 0, o.Uploads("alice"), o.UploadsOf("alice", attachment.PDF), o.Uploads("alice"))
	o.Deliver()
	return id
}

func TestWhatACustomerAttachedIsLookedAtBesideTheCasesPicturesAndNotWithThem(t *testing.T) {
	o := opens(t)
	path := o.base + "/console/cases/" + string(o.attaches())
	const scales = `[...document.querySelectorAll(".sheet")].map(s => (/scale\(([\d.]+)\)/.exec(s.style.transform) ?? [0, "1"])[1]).join(" ")`
	for _, how := range [][]browsertest.Setting{nil, {browsertest.Width(320), browsertest.Dark()}} {
		page := o.lets(t, "ann", how...)
		page.Open(path)
		page.Sees("#attachments", "What the customer attached")
		page.Holds("the pictures are there", "[...document.querySelectorAll('figure:not(.difference) img')].every(i => i.naturalWidth > 0)")
		page.Axe()
		page.Fits()
		assert.Equal(t, []string{"Download"}, page.Texts("section:has(#attachments) a"))

		// Its buttons are its own; the keys are the case's pictures'.
		page.Click(`[aria-label=Attachments] [data-do=in]`)
		page.Holds("what was attached is enlarged", scales+` === "1 1 1 1.5 1.5"`)
		page.Press("+", "+")
		page.Holds("and the case's pictures by their keys", scales+` === "2.25 2.25 2.25 1.5 1.5"`)
		page.Click(`[aria-label=Attachments] [data-do=fit]`)
		page.Holds("each by itself", scales+` === "2.25 2.25 2.25 1 1"`)
	}
}
