package assessment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"golang.org/x/sync/errgroup"

	"makegood/shared/evidence"
	"makegood/shared/evidence/pixel"
	"makegood/shared/fault"
	"makegood/shared/refund"
)

var errLeft = errors.New("not every object was deleted")

// sighting is what was seen of one case.
type sighting struct {
	// look is what was measured, with the previews themselves. Its pictures name what was kept.
	look pixel.Look
	// difference is the key of the map, "" where there is none.
	difference string
	// folder is where the objects were put, "" where none were.
	folder string
}

// unseen is the sighting of an output that could not be judged.
func unseen(why evidence.Problem) sighting {
	return sighting{look: pixel.Look{Output: evidence.Picture{Problem: why}}}
}

// see fetches, measures and keeps the pictures of a report.
func (a Assessor) see(ctx context.Context, subject refund.Assessment) (sighting, error) {
	pair, err := a.fetch(ctx, subject)
	if err != nil {
		return sighting{}, err
	}
	feature, _ := subject.Revision.Feature(subject.Generation.Feature)
	seen := sighting{look: pixel.At(pixel.Question{
		Output: pair.output.body, Input: pair.input.body, Requested: evidence.Size(subject.Generation.Dimensions),
		MustChange: feature.MustChange, FailureCards: subject.Revision.Evidence.FailureCards,
	})}
	// A picture that was not had keeps the reason: nothing was measured on it.
	if pair.output.problem != "" {
		seen.look.Output.Problem = pair.output.problem
	}
	if pair.input.problem != "" && pair.input.problem != evidence.ProblemNoLink {
		seen.look.Input = &evidence.Picture{Problem: pair.input.problem}
	}
	seen.folder = folderOf(subject.Case.ID) + pair.hash() + "/"
	err = a.keep(ctx, &seen, pair)
	return seen, err
}

// pair is what was fetched.
type pair struct{ output, input body }

// body is one picture's bytes, or why there are none.
type body struct {
	body    []byte
	problem evidence.Problem
}

// fetch reads both pictures at once, within one bound of time.
func (a Assessor) fetch(ctx context.Context, subject refund.Assessment) (pair, error) {
	limit, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	var fetched pair
	group, groupCtx := errgroup.WithContext(limit)
	output, input := linksOf(subject)
	for _, one := range []struct {
		link string
		into *body
	}{{output, &fetched.output}, {input, &fetched.input}} {
		group.Go(func() error {
			var err error
			one.into.body, one.into.problem, err = a.Pictures.Fetch(groupCtx, one.link)
			// No bytes are a finding, no body is none.
			if one.into.body == nil && one.into.problem == "" {
				one.into.body = []byte{}
			}
			return err
		})
	}
	err := group.Wait()
	return fetched, fault.At("assessment.Assess: fetch", string(subject.Case.ID), err)
}

// linksOf returns where the output and the input of the case lie, "" for one that the app did not
// name.
func linksOf(subject refund.Assessment) (output, input string) {
	result := subject.Generation.Result
	if n := subject.Case.Output; n < len(result.Outputs) {
		output = result.Outputs[n].URL
	}
	return output, result.InputURL
}

// hash names the folder of a look: by its bytes, so that a second look at the same ones puts
// nothing anew, and one at others lies apart from it.
func (p pair) hash() string {
	const digits = 16
	whole := sha256.New()
	for _, one := range [][]byte{p.output.body, p.input.body} {
		sum := sha256.Sum256(one)
		_, _ = whole.Write(sum[:]) // a hash takes whatever comes
	}
	return hex.EncodeToString(whole.Sum(nil))[:digits]
}

// keep puts the pictures, their previews and the map of what differs on the shelf, and their keys
// on the sighting.
func (a Assessor) keep(ctx context.Context, seen *sighting, fetched pair) error {
	look, input := &seen.look, &evidence.Picture{}
	if look.Input != nil {
		input = look.Input
	}
	group, groupCtx := errgroup.WithContext(ctx)
	for _, object := range []struct {
		name string
		body []byte
		key  *string
	}{
		{"output", fetched.output.body, &look.Output.Copy},
		{"input", fetched.input.body, &input.Copy},
		{"output-preview", look.OutputPreview, &look.Output.Preview},
		{"input-preview", look.InputPreview, &input.Preview},
		{"difference", look.Difference, &seen.difference},
	} {
		if len(object.body) == 0 {
			continue
		}
		*object.key = seen.folder + object.name
		group.Go(func() error { return a.Shelf.Put(groupCtx, *object.key, pixel.MediaType(object.body), object.body) })
	}
	return fault.At("assessment.Assess: keep pictures", "", group.Wait())
}

// names reports whether there is a record, and it names objects of the folder; any is of folder "".
func names(record *evidence.Record, folder string) bool {
	if record == nil {
		return false
	}
	pictures := []evidence.Picture{record.Output}
	if record.Input != nil {
		pictures = append(pictures, *record.Input)
	}
	for _, picture := range pictures {
		for _, key := range []string{picture.Copy, picture.Preview} {
			if strings.HasPrefix(key, folder) {
				return true
			}
		}
	}
	return false
}
