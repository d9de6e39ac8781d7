package generation

import (
	"fmt"

	"makegood/shared/fault"
	"makegood/shared/text"
)

// checkLinks returns a KindInvalid error of the field for a link that staff must not be shown; see text.IsLink.
func (r Result) checkLinks() error {
	for i, output := range r.Outputs {
		if !text.IsLink(output.URL) {
			return fault.Invalid(fmt.Sprintf("outputs[%d].url", i), "must be an http or https address")
		}
	}
	if r.InputURL != "" && !text.IsLink(r.InputURL) {
		return fault.Invalid("input.url", "must be an http or https address")
	}
	return nil
}
