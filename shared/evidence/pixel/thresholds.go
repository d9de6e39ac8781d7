package pixel

import "makegood/shared/evidence"

// The thresholds (infra/decisions/0056). Those of signals that may decide stand frozen: `make
// bench-evidence` commits this file's digest before it opens the half of its pictures that no
// threshold was chosen on.
const (
	// BlankRange is how far the darkest and the lightest pixel may be apart in any channel, of 255.
	// A blank of noise σ 1 has 10, one of σ 4 that was saved as JPEG 15. Of 3,416 pictures that
	// show something none is below both this and BlankDeviation.
	BlankRange = 16
	// BlankDeviation is the standard deviation of a channel of the copy. Fog of 15 levels has 4.3;
	// by itself it would call 5 of 3,416 pictures blank that show something.
	BlankDeviation = 4
	// WrongSide is how many pixels a side may differ from what was requested: generators round
	// sides to multiples of 64.
	WrongSide = 64
	// WrongAspect is how much of itself the ratio of the sides may differ.
	WrongAspect = 0.05
	// UnchangedTiles is how much the tile that changed most differs from the input's, of 255. Of
	// 257 pictures that were saved again as JPEG none had more than 3.4 at quality 90, and 2.0 at
	// 95. An edit of an eighth of a side was below it in 1, a grey box on a grey ground; a tint in
	// none.
	UnchangedTiles = 4
	// SpotWeight is how much of its difference a single pixel of the copy counts with, so that one
	// of 24 levels is a change. Of 138 pairs that were saved again at quality 90 and more none had
	// a pixel of more than 18 levels; of edits of thin lines, whose tile differs by 2 to 3, each
	// had one of 32 and more.
	SpotWeight = 1.0 / 6

	// AlmostTiles is where a person still sees little change: 99 % of pictures that were saved
	// again at quality 75 are below 6.2.
	AlmostTiles = 10
	// NearBits is in how many of 64 bits two near prints may differ. Alone it pairs 24 % of 1,500
	// different pictures.
	NearBits = 4
	// NearTiles confirms what NearBits proposes: 99 of 2,450 such pairs are left, nearly all true
	// copies.
	NearTiles = 10
	// BlurredBy is how much less sharp than its input the output is, of 1.
	BlurredBy = 0.2
	// FlatBandShare is of the height; FlatBandRange is what one color may vary by, of 255.
	FlatBandShare = 0.3
	FlatBandRange = 8
	// NoisyDeviation is the standard deviation of the noise, of 255. Of 71 photos and screenshots
	// 95 % had less than 2.5, and noise of σ 10 in each channel adds 6.7.
	NoisyDeviation = 6
	// SmallInputSide is of the shorter side.
	SmallInputSide = 512
	// BlurredInputFrom is of 1. Of 71 photos and screenshots 95 % had less than 0.54.
	BlurredInputFrom = 0.6
)

// versions counts the ways in which each signal was measured: one more with every change of how, or
// of its threshold.
var versions = map[evidence.Name]int{
	evidence.Empty: 1, evidence.Undecodable: 1, evidence.Truncated: 1, evidence.Blank: 1, evidence.WrongSize: 1,
	evidence.FailureCard: 1, evidence.Unchanged: 2,
	evidence.AlmostUnchanged: 2, evidence.Blurred: 1, evidence.FlatBand: 1, evidence.Noisy: 1, evidence.SmallInput: 1, evidence.BlurredInput: 1,
}
