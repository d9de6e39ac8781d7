package web_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/infra/browsertest"
)

func TestAScreenReaderFindsEachControlOfAReportByItsOwnName(t *testing.T) {
	a := newApp(t, page("en", element))
	p := opened(t, a.picture(t))
	p.Holds("the reasons are there", inside("input:focus"))
	p.Press("Tab", "Tab", "Enter")
	says(p, "Choose a reason")
	assert.Subset(t, p.Spoken(), []string{
		"dialog: What is wrong with this result?", "button: Close", "group: Choose what fits best", "radio: It isn't what I asked for",
		"textbox: In your own words (optional)", "button: Send",
	})
}

func TestAScreenReaderFindsEachControlOfAClaimByItsOwnName(t *testing.T) {
	claimPage(t, "en", "")
	p := claims(t)
	chooses(p, receipt)
	uploaded(p, "receipt.pdf ✓")
	comes(p, "[part=submit]")
	p.Press("Enter")
	says(p, "Please complete or check")
	assert.Subset(t, p.Spoken(), []string{
		"dialog: What is wrong with your purchase?", "button: Close", "group: What happened?", "textbox: Amount paid", "combobox: Currency",
		"textbox: E-mail address of the purchase", "textbox: In your own words", "button: Remove receipt.pdf", "button: Send",
	})
	assert.Equal(t, "receipt.pdf✓", browsertest.Value[string](p, inside("li [role=status]")+".textContent"), "one status names the file")
}
