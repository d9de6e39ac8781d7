package view

import (
	"context"
	"fmt"
	"slices"
	"time"

	"makegood/shared/api"
	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// LinkLife is how long a link to a picture of a case is good for: as long as somebody looks at it.
const LinkLife = 15 * time.Minute

// Linker makes links to kept pictures.
type Linker interface {
	// Link returns a link to the object, which a browser is to show as that media type.
	Link(ctx context.Context, key, mediaType string) (string, error)
}

// Evidence returns what was seen of a bad result, and what it is compared with; nil for another
// kind of case. The record is nil where nobody has looked.
func (k Known) Evidence(ctx context.Context, c refund.Case, record *evidence.Record, published *policy.Policy, links Linker, now time.Time) (*api.CaseEvidence, error) {
	g, ok := k.generations[c.Generation]
	if !ok || c.Kind != policy.KindBadResult {
		return nil, nil
	}
	response := &api.CaseEvidence{
		Prompt: g.Words.Prompt, Template: g.Words.Template, Asked: sizeOf(evidence.Size(g.Dimensions)), Examples: examples(g, published),
	}
	if record == nil {
		return response, nil
	}
	addRecord(response, *record)
	if err := addLinks(ctx, response, *record, links); err != nil {
		return nil, err
	}
	response.LinksUntil = api.OptionalMoment(now.Add(LinkLife))
	return response, nil
}

// Blind returns what was seen without what was made of it: no verdict, no defects, no word of which
// signal decided or what a model said.
func Blind(seen *api.CaseEvidence) *api.CaseEvidence {
	if seen == nil {
		return nil
	}
	blind := *seen
	blind.Verdict, blind.Defects, blind.Opinion = "", nil, nil
	blind.Signals = slices.Clone(seen.Signals)
	for i := range blind.Signals {
		blind.Signals[i].Decides = false
	}
	return &blind
}

// examples returns the links of the revision that judges the result.
func examples(g generation.Generation, published *policy.Policy) []string {
	at := g.StartedAt
	if g.Result != nil {
		at = g.Result.FinishedAt
	}
	feature, _ := published.At(at).Feature(g.Feature)
	return feature.Examples
}

func sizeOf(size evidence.Size) *api.AskedSize {
	if size == (evidence.Size{}) {
		return nil
	}
	return &api.AskedSize{Width: size.Width, Height: size.Height}
}

// addRecord shows what was seen, but for the links.
func addRecord(response *api.CaseEvidence, record evidence.Record) {
	response.At, response.Verdict = api.OptionalMoment(record.At), string(record.Verdict)
	for _, name := range record.Defects {
		response.Defects = append(response.Defects, string(name))
	}
	response.Output = pictureOf(record.Output)
	addProblem(response, "output", record.Output)
	if record.Input != nil {
		response.Input = pictureOf(*record.Input)
		addProblem(response, "input", *record.Input)
	}
	for _, s := range record.Signals {
		response.Signals = append(response.Signals, api.EvidenceSignal{
			Name: string(s.Name), Version: s.Version, Value: s.Value, Threshold: s.Threshold, Present: s.Present, Decides: s.Decides, Sentence: s.Sentence,
		})
	}
	for _, m := range record.Matches {
		response.Similar = append(response.Similar, api.SimilarCase{Case: m.Case, Equal: m.Equal, Unusable: m.Unusable, Difference: m.Difference})
	}
	response.Opinion = opinionOf(record.Opinion)
}

func addProblem(response *api.CaseEvidence, which string, picture evidence.Picture) {
	if picture.Problem != "" {
		response.Problems = append(response.Problems, fmt.Sprintf("The %s could not be judged. %s", which, picture.Problem.Sentence()))
	}
}

func pictureOf(p evidence.Picture) *api.EvidencePicture {
	return &api.EvidencePicture{
		Problem: string(p.Problem), Sentence: p.Problem.Sentence(), Sha256: p.SHA256, Bytes: p.Bytes, Format: p.Format, Size: sizeOf(p.Size), Frames: p.Frames,
	}
}

// addLinks links each object that the record names.
func addLinks(ctx context.Context, response *api.CaseEvidence, record evidence.Record, links Linker) error {
	type object struct {
		key, mediaType string
		url            *string
	}
	objects := []object{
		{record.Output.Copy, mediaType(record.Output.Format), &response.Output.URL},
		{record.Output.Preview, previewType, &response.Output.PreviewURL},
		{record.Difference, previewType, &response.DifferenceURL},
	}
	if record.Input != nil {
		objects = append(objects, object{record.Input.Copy, mediaType(record.Input.Format), &response.Input.URL},
			object{record.Input.Preview, previewType, &response.Input.PreviewURL})
	}
	for _, one := range objects {
		if one.key == "" {
			continue
		}
		var err error
		if *one.url, err = links.Link(ctx, one.key, one.mediaType); err != nil {
			return err
		}
	}
	return nil
}

// previewType is what previews and maps are shown as.
const previewType = "image/png"

// mediaType returns what a copy of the format is shown as, "" for what a browser is not to show.
func mediaType(format string) string {
	switch format {
	case "png", "jpeg", "webp", "gif":
		return "image/" + format
	case "mp4", "webm":
		return "video/" + format
	default:
		return ""
	}
}

func opinionOf(o *evidence.Opinion) *api.EvidenceOpinion {
	if o == nil {
		return nil
	}
	response := &api.EvidenceOpinion{
		Outcome: string(o.Outcome), Sentence: o.Sentence, Model: o.Model, PromptHash: o.PromptHash, Prices: o.Prices,
		InputTokens: o.InputTokens, OutputTokens: o.OutputTokens, CostMicros: o.CostMicros, Bounded: o.Bounded, Untempered: o.Untempered,
	}
	for _, pass := range o.Passes {
		answer := api.ModelAnswer{
			Order: pass.Order, Problem: string(pass.Problem), Output: pass.Output, Input: pass.Input, Instructions: pass.Instructions,
			Supported: string(pass.Supported), Reason: pass.Reason,
		}
		for _, f := range pass.Findings {
			finding := api.ModelFinding{Defect: f.Defect, Present: string(f.Present), Confirmed: string(f.Confirmed), Severity: string(f.Severity)}
			if f.Box != (evidence.Box{}) {
				finding.Box = []int{f.Box.Left, f.Box.Top, f.Box.Right, f.Box.Bottom}
			}
			answer.Findings = append(answer.Findings, finding)
		}
		response.Answers = append(response.Answers, answer)
	}
	return response
}
