package console

import (
	"fmt"
	"strconv"
	"strings"

	"makegood/shared/api"
)

// picture is one picture or video of a case as the page has it.
type picture struct {
	// Title says what it is: Input or Output.
	Title string
	// URL is the link to our copy, Preview one to a smaller copy; "" for none.
	URL, Preview string
	// AppLink is the app's own link, "" for none. A browser does not load it into the page.
	AppLink string
	// Video says that it moves, Download that the page does not show it.
	Video, Download bool
	// Width and Height are in pixels, 0 where nobody measured.
	Width, Height int
	// Region is the part that the customer marked, nil for none, and of a video.
	Region *api.Region
	// Facts is what it is, in words, Problem why it could not be judged; "" for none.
	Facts, Problem string
}

// picturesOf returns what there is to look at, the input first, and the map of what differs.
func picturesOf(c api.Case) (pictures []picture, difference string) {
	facts, seen := c.Facts, c.Evidence
	if seen == nil {
		return nil, ""
	}
	if seen.Input != nil || facts.Input != nil {
		input := pictureOf("Input", seen.Input)
		if facts.Input != nil && facts.Input.URL != nil {
			input.AppLink = *facts.Input.URL
		}
		pictures = append(pictures, input)
	}
	if seen.Output != nil || facts.Output != nil {
		output := pictureOf("Output", seen.Output)
		if facts.Output != nil {
			output.AppLink = facts.Output.URL
		}
		if c.Asked != nil && !output.Video {
			output.Region = c.Asked.Region
		}
		pictures = append(pictures, output)
	}
	return pictures, seen.DifferenceURL
}

// where says a region in words, as shares of the picture.
func where(r api.Region) string {
	percent := func(thousandths int) string { return strconv.FormatFloat(float64(thousandths)/10, 'f', -1, 64) }
	return fmt.Sprintf("%s to %s %% from the left, %s to %s %% from the top", percent(r.X), percent(r.X+r.Width), percent(r.Y), percent(r.Y+r.Height))
}

// pictureOf returns a picture as it was looked at.
func pictureOf(title string, seen *api.EvidencePicture) picture {
	p := picture{Title: title}
	if seen == nil {
		p.Problem = "Nobody has looked at it yet."
		return p
	}
	p.URL, p.Preview, p.Problem = seen.URL, seen.PreviewURL, seen.Sentence
	p.Video = seen.Format == "mp4" || seen.Format == "webm"
	var facts []string
	if seen.Format != "" {
		facts = append(facts, strings.ToUpper(seen.Format))
	}
	if seen.Size != nil {
		p.Width, p.Height = seen.Size.Width, seen.Size.Height
		facts = append(facts, pixels(p.Width, p.Height))
	}
	if seen.Bytes > 0 {
		facts = append(facts, bytesOf(seen.Bytes))
	}
	p.Facts = strings.Join(facts, " · ")
	return p
}
