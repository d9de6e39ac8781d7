package browsertest_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
	"makegood/shared/policy"
)

// screenshots is the folder that the pictures are written to, "" for none: make screenshots.
var screenshots = flag.String("screenshots", "", "write the pictures of the READMEs into this folder")

// maxScreenshot bounds a picture that is committed, in bytes.
const maxScreenshot = 60_000

func TestSixPagesAreShownInTheREADMEs(t *testing.T) {
	o := opens(t)
	o.reports("judy", "edit-with-ai", "The cup has two handles.")
	o.Pass(24 * 24 * time.Hour)
	o.claims(policy.KindNotCredited, "heidi", "", "I paid on Friday, and nothing came.")
	o.Pass(60 * time.Hour)
	d := o.passes()
	o.reports("heidi", "flat-lay", "The sleeve is gone.")
	o.reports("ivan", "logo", "It says COFEE.")
	month := opens(t)
	month.weeks(9)
	day, night, later := o.lets(t, "ann"), o.lets(t, "ann", browsertest.Dark()), month.lets(t, "ann")
	for name, one := range map[string]struct {
		office        *office
		reader        *browsertest.Page
		path, heading string
	}{
		"queue":    {o, day, "/console/cases", "Review queue"},
		"case":     {o, day, "/console/cases/" + string(d.Picture), "Bad result"},
		"appeals":  {o, day, "/console/appeals", "Appeals"},
		"payment":  {o, day, "/console/payments/" + string(d.Short), "Payment"},
		"insights": {month, later, "/console/insights", "Insights"},
		"customer": {o, night, "/console/customers/alice", "Customer"},
	} {
		one.reader.Open(one.office.base + one.path)
		one.reader.Sees("h1", one.heading)
		one.reader.Holds("the pictures are there", "[...document.images].every(i => i.complete || i.getClientRects().length === 0)")
		picture := one.reader.WebP()
		assert.LessOrEqual(t, len(picture), maxScreenshot, name)
		if *screenshots != "" {
			require.NoError(t, os.WriteFile(filepath.Join(*screenshots, name+".webp"), picture, 0o644)) //nolint:gosec // it is published
		}
		assert.FileExists(t, filepath.Join("screenshots", name+".webp"), "make screenshots")
	}
}
