package pixel

import (
	"image"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/shared/evidence"
)

func TestADecoderThatPanicsLeavesThePictureToAPerson(t *testing.T) {
	prior := codecs[formatGIF]
	defer func() { codecs[formatGIF] = prior }()
	broken := prior
	broken.decode = func(io.Reader) (image.Image, error) { panic("index out of range") }
	codecs[formatGIF] = broken
	body := []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")
	look := At(Question{Output: body})
	assert.Equal(t, evidence.ProblemCrashed, look.Output.Problem)
	assert.Empty(t, look.Signals)
}
