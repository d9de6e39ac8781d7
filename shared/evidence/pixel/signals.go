package pixel

import (
	"fmt"
	"math"
	"slices"

	"makegood/shared/evidence"
)

// signals are all that the look measured, in a fixed order.
func signals(q Question, output, input sight) []evidence.Signal {
	var all []evidence.Signal
	if q.Output != nil && output.picture.Problem == "" {
		all = append(all, bodySignals(output)...)
	}
	if len(q.FailureCards) > 0 && q.Output != nil {
		all = append(all, cardSignal(q, output))
	}
	if output.still() {
		all = append(all, blankSignal(output))
		if q.Requested.Width > 0 || q.Requested.Height > 0 {
			all = append(all, sizeSignal(q.Requested, output.picture.Size))
		}
	}
	all = append(all, changeSignals(q, output, input)...)
	if output.still() {
		all = append(all, bandSignal(output), noiseSignal(output))
		if input.still() {
			all = append(all, blurSignal(output, input))
		}
	}
	if input.still() {
		all = append(all, inputSignals(input)...)
	}
	return all
}

// signal is one measurement, with its version.
func signal(name evidence.Name, value, threshold float64, present bool, sentence string) evidence.Signal {
	return evidence.Signal{
		Name: name, Version: versions[name], Value: round(value), Threshold: threshold, Present: present, Sentence: sentence,
	}
}

// round keeps three digits behind the point: more say nothing, and make a row longer.
func round(value float64) float64 { return math.Round(1000*value) / 1000 }

// flag is the value of what is so or is not.
func flag(so bool) float64 {
	if so {
		return 1
	}
	return 0
}

// bodySignals say whether the body is a whole picture.
func bodySignals(s sight) []evidence.Signal {
	var all []evidence.Signal
	for _, defect := range []struct {
		name evidence.Name
		not  string
	}{
		{evidence.Empty, "It has %d bytes."},
		{evidence.Truncated, "All of its %d bytes were read to its end."},
		{evidence.Undecodable, "Its %d bytes were decoded."},
	} {
		present := s.defect == defect.name
		if s.defect != "" && !present {
			continue // a body that is cut says nothing of whether it would be decoded
		}
		sentence := s.cause
		if !present {
			sentence = fmt.Sprintf(defect.not, s.picture.Bytes)
		}
		all = append(all, signal(defect.name, flag(present), 1, present, sentence))
	}
	return all
}

func cardSignal(q Question, s sight) evidence.Signal {
	if slices.Contains(q.FailureCards, s.picture.SHA256) {
		return signal(evidence.FailureCard, 1, 1, true, "It is, byte for byte, a picture that the app shows for a failure.")
	}
	return signal(evidence.FailureCard, 0, 1, false, "It is none of the pictures that the app shows for a failure.")
}

func blankSignal(s sight) evidence.Signal {
	present := s.measures.reach <= BlankRange && s.measures.deviation < BlankDeviation
	return signal(evidence.Blank, s.measures.reach, BlankRange, present, fmt.Sprintf(
		"Its lightest and darkest pixel are %.0f of 255 apart, over white, black, grey or magenta; blank has at most %d, and a deviation below %d, which is %.1f.",
		s.measures.reach, BlankRange, BlankDeviation, s.measures.deviation))
}

// sizeSignal compares with the sides that the start named: one alone says nothing about the shape.
func sizeSignal(requested, size evidence.Size) evidence.Signal {
	side, shape := 0.0, 0.0
	for _, pair := range [...][2]int{{requested.Width, size.Width}, {requested.Height, size.Height}} {
		if pair[0] > 0 {
			side = math.Max(side, math.Abs(float64(pair[0]-pair[1]))/WrongSide)
		}
	}
	if requested.Width > 0 && requested.Height > 0 {
		shape = aspectGap(size.Width, size.Height, requested.Width, requested.Height) / WrongAspect
	}
	// Rounded first: 63 to 60 is 5 % to a person, and a little more to a computer.
	value := round(math.Max(side, shape))
	return signal(evidence.WrongSize, value, 1, value > 1, fmt.Sprintf(
		"It is %d × %d pixels, and %d × %d were requested: %.2f times the difference that is allowed, %d pixels a side or %.0f %% of the shape.",
		size.Width, size.Height, requested.Width, requested.Height, value, WrongSide, 100*WrongAspect))
}

// changeSignals compare the output with its input: byte for byte, and where both are still and of
// one shape by their tiles.
func changeSignals(q Question, output, input sight) []evidence.Signal {
	if len(q.Output) == 0 || len(q.Input) == 0 {
		return nil
	}
	equal := output.picture.SHA256 == input.picture.SHA256
	if !equal && (!output.still() || !input.still()) {
		return nil
	}
	value, shape := 0.0, true
	sentence := "It is its input, byte for byte."
	if !equal {
		value, shape = tileDifference(output.change(), input.change()), sameShape(output, input)
		sentence = fmt.Sprintf("The part that changed most differs by %.1f of 255 from the input, where a single pixel counts a sixth.", value)
		if !shape {
			sentence = fmt.Sprintf("Its shape is not that of the input; drawn into one shape they differ by %.1f of 255.", value)
		}
	}
	var all []evidence.Signal
	unchanged := q.MustChange && shape && value < UnchangedTiles
	if q.MustChange {
		all = append(all, signal(evidence.Unchanged, value, UnchangedTiles, unchanged, sentence))
	}
	return append(all, signal(evidence.AlmostUnchanged, value, AlmostTiles, shape && value < AlmostTiles && !unchanged, sentence))
}

// change is the copy that shows what was done to a picture, and not how it was saved.
func (s sight) change() *raster { return s.preview.subsample().scale(copySide, copySide) }

func bandSignal(s sight) evidence.Signal {
	value := s.preview.flatBand()
	return signal(evidence.FlatBand, value, FlatBandShare, value > FlatBandShare, fmt.Sprintf(
		"The lowest %.0f %% of its rows are of one color.", 100*value))
}

func noiseSignal(s sight) evidence.Signal {
	value := s.measures.noise
	return signal(evidence.Noisy, value, NoisyDeviation, value > NoisyDeviation, fmt.Sprintf(
		"Neighboring pixels vary by %.1f of 255 where nothing is drawn.", value))
}

// blurSignal compares both at one length of the longer side: a smaller picture looks sharper.
func blurSignal(output, input sight) evidence.Signal {
	side := min(max(output.preview.width, output.preview.height), max(input.preview.width, input.preview.height))
	blurs := [2]float64{}
	for i, r := range [...]*raster{output.preview, input.preview} {
		width, height := fit(r.width, r.height, side)
		blurs[i] = r.scale(width, height).blur()
	}
	value := blurs[0] - blurs[1]
	return signal(evidence.Blurred, value, BlurredBy, value > BlurredBy, fmt.Sprintf(
		"Its blur is %.2f of 1, the input's %.2f.", blurs[0], blurs[1]))
}

func inputSignals(s sight) []evidence.Signal {
	shorter, blur := min(s.picture.Size.Width, s.picture.Size.Height), s.preview.blur()
	return []evidence.Signal{
		signal(evidence.SmallInput, float64(shorter), SmallInputSide, shorter < SmallInputSide, fmt.Sprintf(
			"The shorter side of the upload has %d pixels.", shorter)),
		signal(evidence.BlurredInput, blur, BlurredInputFrom, blur > BlurredInputFrom, fmt.Sprintf(
			"The upload's blur is %.2f of 1.", blur)),
	}
}
