package generation

import (
	"fmt"
	"slices"

	"makegood/shared/fault"
	"makegood/shared/text"
)

// CheckLinks returns a KindInvalid error of the field for a link that names no picture: http and
// https addresses and objects of S3 (s3://bucket/key) of up to MaxURL characters pass. A result
// over HTTP is refused by it, since its sender reads the answer.
func (r Result) CheckLinks() error {
	for i, output := range r.Outputs {
		if err := checkLink(fmt.Sprintf("outputs[%d].url", i), output.URL); err != nil {
			return err
		}
	}
	if r.InputURL != "" {
		return checkLink("input.url", r.InputURL)
	}
	return nil
}

func checkLink(field, url string) error {
	switch {
	case url == "":
		return fault.Invalid(field, "must have 1 to %d characters", MaxURL)
	case !text.IsLink(url) && !text.IsObject(url):
		return fault.Invalid(field, "must be an http or https address, or s3://bucket/key")
	}
	return text.CheckLength(field, url, MaxURL)
}

// withoutBadLinks returns the result without the links that CheckLinks refuses. Nobody reads the
// answer to a message: refused there, a result would leave its generation to be released as if
// nothing had come.
func (r Result) withoutBadLinks() Result {
	r.Outputs = slices.Clone(r.Outputs) // the caller's result stays as it is
	for i, output := range r.Outputs {
		if checkLink("url", output.URL) != nil {
			r.Outputs[i].URL = ""
		}
	}
	if checkLink("url", r.InputURL) != nil {
		r.InputURL = ""
	}
	return r
}
