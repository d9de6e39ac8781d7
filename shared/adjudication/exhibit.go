package adjudication

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	_ "image/png" // previews are PNG or JPEG

	"makegood/shared/evidence"
	"makegood/shared/policy"

	scale "golang.org/x/image/draw"
)

// The bounds of what is shown.
const (
	// MaxSide is how many pixels a picture that is sent has at most on each side.
	MaxSide = 1024
	// maxPreview bounds the bytes of a preview.
	maxPreview = 8 << 20
	// quality is that of the JPEG which is sent.
	quality = 90
	// leastPart is how much of a side an enlarged part shows at the least, in thousandths.
	leastPart = 125
	// margin is how much is shown around a box on each side, as a share of the box in thousandths.
	margin = 250
	// partSide is how many pixels the longer side of an enlarged part has at the most.
	partSide = 768
	// maxFactor bounds how much it is enlarged.
	maxFactor = 4.0
	// maxParts bounds how many parts are enlarged in a pass.
	maxParts = 2
)

// ground is what shines through where a picture is transparent: neither white nor black, on which
// half of all cut-outs vanish.
var ground = color.RGBA{R: 200, G: 200, B: 200, A: 255}

// exhibit is what is shown and asked about a claim.
type exhibit struct {
	claim    Claim
	output   *image.RGBA
	input    *image.RGBA // nil where there is none
	pictures []Part      // both as they are sent, each with its words
	defects  []defect
}

// newExhibit returns what is shown for a claim, and false where nothing can be asked about it.
func newExhibit(claim Claim) (exhibit, bool) {
	e := exhibit{claim: claim, output: open(claim.Output), input: open(claim.Input)}
	e.defects = defectsOf(claim.Issue, e.input != nil, claim.Prompt != "")
	if e.output == nil || len(e.defects) == 0 {
		return exhibit{}, false
	}
	// Each is encoded once for all questions.
	e.pictures = []Part{{Text: "This is the result that the feature made:"}, {JPEG: encoded(e.output)}}
	if e.input != nil {
		e.pictures = append(e.pictures, Part{Text: "This is the upload that the result was made from:"}, Part{JPEG: encoded(e.input)})
	}
	return e, true
}

// open returns the picture of a preview over the ground, nil where it is none.
func open(preview []byte) *image.RGBA {
	if len(preview) == 0 || len(preview) > maxPreview {
		return nil
	}
	// Its size is known before anything is decoded.
	header, _, err := image.DecodeConfig(bytes.NewReader(preview))
	if err != nil || header.Width < 1 || header.Height < 1 || header.Width > MaxSide || header.Height > MaxSide {
		return nil
	}
	decoded, _, err := image.Decode(bytes.NewReader(preview))
	if err != nil {
		return nil
	}
	canvas := image.NewRGBA(image.Rect(0, 0, decoded.Bounds().Dx(), decoded.Bounds().Dy()))
	draw.Draw(canvas, canvas.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	draw.Draw(canvas, canvas.Bounds(), decoded, decoded.Bounds().Min, draw.Over)
	return canvas
}

// encoded returns the picture as it is sent: pixels alone, without what else a file can hold.
func encoded(picture image.Image) []byte {
	var body bytes.Buffer
	// A buffer takes everything, and a picture of at most MaxSide fits any JPEG.
	if err := jpeg.Encode(&body, picture, &jpeg.Options{Quality: quality}); err != nil {
		panic("adjudication: a picture in memory must be encodable: " + err.Error())
	}
	return body.Bytes()
}

// part returns the part of the picture around a box, enlarged.
func part(picture *image.RGBA, box evidence.Box) []byte {
	left, right := span(box.Left, box.Right, picture.Bounds().Dx())
	top, bottom := span(box.Top, box.Bottom, picture.Bounds().Dy())
	from := image.Rect(left, top, right, bottom)
	// More than four times larger it would show nothing more.
	factor := min(maxFactor, float64(partSide)/float64(max(from.Dx(), from.Dy())))
	to := image.Rect(0, 0, max(1, int(float64(from.Dx())*factor)), max(1, int(float64(from.Dy())*factor)))
	canvas := image.NewRGBA(to)
	scale.ApproxBiLinear.Scale(canvas, to, picture, from, draw.Src, nil)
	return encoded(canvas)
}

// span returns which pixels of a side are shown for a box: it with its margin, and no less than the
// least part.
func span(from, to, side int) (first, last int) {
	around := max((to-from)*margin/1000, (leastPart-(to-from)+1)/2)
	first = max(0, (from-around)*side/1000)
	last = min(side, ((to+around)*side+999)/1000)
	first = min(first, side-1)
	return first, max(last, first+1)
}

// defect is a kind of defect, and the question about it.
type defect struct {
	name     string
	question string
	input    bool // it compares with the upload
	prompt   bool // it needs what the output was made by
}

// The defects that are asked about. None asks how many.
var (
	deformed = defect{
		name:     "deformed",
		question: "Is a face, a hand, a body or an object in the result bent, melted or merged into something else in a way that no real one can be?",
	}
	broken = defect{
		name:     "broken_part",
		question: "Does the result have a part that is torn off, smeared, cut out with ragged edges, or filled with leftovers that belong to nothing?",
	}
	garbled = defect{
		name:     "garbled_text",
		question: "Is writing that the upload shows readable, on a product or a sign, unreadable or made of shapes that are no letters in the result?",
		input:    true,
	}
	swapped = defect{
		name:     "wrong_subject",
		question: "Does the result show another subject than the upload does: another product, another person, another animal?",
		input:    true,
	}
	missed = defect{
		name:     "missed_request",
		question: "Is what data.prompt asks the feature to make plainly not what the result shows?",
		prompt:   true,
	}
)

// defectsOf returns what is asked about a claim of that issue. A matter of taste is none of them,
// and a template is known to staff by its examples, not to a model by its name.
func defectsOf(issue policy.Issue, input, prompt bool) []defect {
	var all []defect
	switch issue {
	case policy.IssueDistortion:
		all = []defect{deformed, broken, garbled}
	case policy.IssueWrongSubject:
		all = []defect{swapped}
	case policy.IssueDeviates:
		all = []defect{missed, swapped}
	case policy.IssueOther, policy.IssueNone, "":
		all = []defect{deformed, broken, swapped}
	case policy.IssueTaste, policy.IssueOffTemplate:
	}
	var fit []defect
	for _, one := range all {
		if (input || !one.input) && (prompt || !one.prompt) {
			fit = append(fit, one)
		}
	}
	return fit
}
