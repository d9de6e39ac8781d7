package main

import (
	"fmt"
	"strings"

	"makegood/infra/makegood/plain"
	"makegood/shared/api"
)

// seen says what was seen of a bad result, and what it is compared with.
func seen(e api.CaseEvidence) []string {
	var lines []string
	add := func(when bool, format string, args ...any) {
		if when {
			lines = append(lines, fmt.Sprintf(format, args...))
		}
	}
	add(e.Prompt != "", "prompt: %q", e.Prompt)
	add(e.Template != "", "template: %q", e.Template)
	add(e.Asked != nil, "asked for: %s", pixels(e.Asked))
	if e.At != nil {
		verdict := "nothing could be judged"
		if e.Verdict != "" {
			verdict = e.Verdict
		}
		if len(e.Defects) > 0 {
			verdict += ", by " + spaced(strings.Join(e.Defects, ", "))
		}
		add(true, "%s  looked at: %s", plain.Clock(e.At.Time), verdict)
	}
	lines = append(lines, picture("output", e.Output)...)
	lines = append(lines, picture("input", e.Input)...)
	add(e.DifferenceURL != "", "what differs: %s", e.DifferenceURL)
	for _, problem := range e.Problems {
		add(true, "%s", problem)
	}
	for _, s := range e.Signals {
		add(true, "%s %s (%.4g of %.4g, version %d): %s", mark(s), spaced(s.Name), s.Value, s.Threshold, s.Version, s.Sentence)
	}
	if o := e.Opinion; o != nil {
		add(true, "a model's opinion (%s): %s", spaced(o.Outcome), o.Sentence)
	}
	for _, other := range e.Similar {
		words := fmt.Sprintf("near, by %.0f of 255", other.Difference)
		if other.Equal {
			words = "the same byte for byte"
		}
		if other.Unusable {
			words += ", found unusable"
		}
		add(true, "%s: %s", other.Case, words)
	}
	for _, link := range e.Examples {
		add(true, "the policy's example: %s", link)
	}
	return lines
}

// mark stands before a signal: it decided, it is there, or it is not.
func mark(s api.EvidenceSignal) string {
	switch {
	case s.Decides:
		return "[decides]"
	case s.Present:
		return "[present]"
	default:
		return "[absent]"
	}
}

func pixels(size *api.AskedSize) string {
	if size == nil {
		return "unknown size"
	}
	return fmt.Sprintf("%d x %d", size.Width, size.Height)
}

// picture says what a picture is, and where its copies are for some minutes.
func picture(which string, p *api.EvidencePicture) []string {
	if p == nil || p.Sha256 == "" {
		return nil
	}
	lines := []string{fmt.Sprintf("%s: %s, %s, %d bytes", which, p.Format, pixels(p.Size), p.Bytes)}
	for _, url := range []string{p.URL, p.PreviewURL} {
		if url != "" {
			lines = append(lines, "  "+url)
		}
	}
	return lines
}
