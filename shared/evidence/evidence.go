// Package evidence owns what was seen when a bad result was looked at: the pictures that were kept,
// what each signal measured, and what all of it comes to.
//
// It refuses to know how a picture is fetched, decoded or stored, and what a policy makes of a
// signal.
//
// Invariants:
//   - A signal says what it measured, its threshold and its version, so that a record can be read
//     after the thresholds have changed.
//   - A record is written once, in the commit that lets its case be decided.
//   - No signal says that a result is usable: what none decides is for a person.
//
// Words: picture, signal, print (what two pictures are compared by), record, verdict.
package evidence

import (
	"time"

	"makegood/shared/ledger"
)

// Verdict is what was seen when a picture was looked at.
type Verdict string

// The verdicts; the zero value means that nothing could be judged.
const (
	VerdictUnusable Verdict = "unusable"
	VerdictUsable   Verdict = "usable" // only a person finds this
	VerdictUnsure   Verdict = "unsure"
)

// Name is a signal's.
type Name string

// The signals that a policy may let decide: none of them has an innocent case.
const (
	Empty          Name = "empty"            // a body of no bytes, or a video of no length
	Undecodable    Name = "undecodable"      // its decoder refuses it
	Truncated      Name = "truncated"        // it ends before its decoder is done
	Blank          Name = "blank"            // it shows nothing, over any background
	WrongSize      Name = "wrong_size"       // another size or shape than asked for
	FailureCard    Name = "failure_card"     // byte for byte a picture that the app shows for a failure
	SameAsUnusable Name = "same_as_unusable" // byte for byte an output that a signal found unusable
	Unchanged      Name = "unchanged"        // its input, though the feature must change the whole picture
)

// The signals that are shown to a person, and decide nothing.
const (
	AlmostUnchanged Name = "almost_unchanged" // little differs from the input
	Similar         Name = "similar"          // near to a picture of another case
	SameAsRefunded  Name = "same_as_refunded" // byte for byte an output that a person refunded
	Blurred         Name = "blurred"          // less sharp than its input
	FlatBand        Name = "flat_band"        // one colour from some line to the bottom
	Noisy           Name = "noisy"
	SmallInput      Name = "small_input"   // the upload has few pixels
	BlurredInput    Name = "blurred_input" // the upload is not sharp
)

// Adjudicated is the defect of a result that a model found bad twice, under the policy's cap. No
// signal has this name.
const Adjudicated Name = "adjudicated"

// Signal is one measurement.
type Signal struct {
	// Name says what was measured.
	Name Name `json:"name"`
	// Version counts the ways in which this signal was measured, from 1.
	Version int `json:"version"`
	// Value is the measurement, in the unit of the threshold.
	Value float64 `json:"value"`
	// Threshold is what the value was compared with.
	Threshold float64 `json:"threshold"`
	// Present says whether the picture has what the signal is named for.
	Present bool `json:"present"`
	// Sentence says in one English sentence what was measured, for staff.
	Sentence string `json:"sentence"`
	// Decides says whether the policy let it decide. Only a signal that is present may.
	Decides bool `json:"decides,omitempty"`
}

// Picture is the output or the input of a case, as it was looked at.
type Picture struct {
	// Problem is why it could not be judged.
	Problem Problem `json:"problem,omitempty"`
	// Copy is the key of its bytes in the evidence bucket, "" where none are kept.
	Copy string `json:"copy,omitempty"`
	// Preview is the key of a copy of at most 1,024 pixels a side, "" where there is none.
	Preview string `json:"preview,omitempty"`
	// SHA256 is the hash of its bytes in hexadecimal digits.
	SHA256 string `json:"sha256,omitempty"`
	// Bytes is their number.
	Bytes int64 `json:"bytes,omitempty"`
	// Format is png, jpeg, webp, gif, mp4 or webm, told by its first bytes.
	Format string `json:"format,omitempty"`
	// Size is its width and height.
	Size Size `json:"size,omitzero"`
	// Frames is how many pictures it holds: 1 for a still one, 0 where nobody counted.
	Frames int `json:"frames,omitempty"`
	// Print is what it is compared with others by, zero where it was not decoded.
	Print Print `json:"print,omitzero"`
}

// Folder returns where in the evidence bucket all of a customer lies, by the customer's key.
func Folder(customerKey string) string { return customerKey + "/" }

// Size is in pixels.
type Size struct {
	// Width is from left to right.
	Width int `json:"width"`
	// Height is from top to bottom.
	Height int `json:"height"`
}

// Print is what two pictures are compared by. Near hashes propose a pair, and tiles confirm it.
type Print struct {
	// Hash has a bit for each of 64 neighbours: which of the two is brighter.
	Hash uint64 `json:"hash"`
	// Tiles is the mean red, green and blue of 16 × 16 tiles, row by row: 768 bytes.
	Tiles []byte `json:"tiles,omitempty"`
}

// Record is all that was seen for one case.
type Record struct {
	// Case is the case that it is about.
	Case string `json:"case"`
	// Customer is whose case it is.
	Customer ledger.CustomerID `json:"customer"`
	// Feature is what made the output.
	Feature string `json:"feature"`
	// At is when it was looked at.
	At time.Time `json:"at"`
	// Output is the picture that was reported.
	Output Picture `json:"output"`
	// Input is the picture that it was made from, nil where the feature takes none.
	Input *Picture `json:"input,omitempty"`
	// Difference is the key of the map of what differs between the two, "" where there is none.
	Difference string `json:"difference,omitempty"`
	// Signals are all that were measured, those that are not present too.
	Signals []Signal `json:"signals,omitempty"`
	// Matches are pictures of other cases that are equal or near, the nearest first.
	Matches []Match `json:"matches,omitempty"`
	// Verdict is what the signals come to under the policy: unusable, unsure, or "" where nothing
	// could be judged.
	Verdict Verdict `json:"verdict,omitempty"`
	// Defects are the names of what decided, none where nothing did.
	Defects []Name `json:"defects,omitempty"`
	// Opinion is a model's, nil where none is set up or the policy asks for none.
	Opinion *Opinion `json:"opinion,omitempty"`
}

// Match is a picture of another case.
type Match struct {
	// Case is the other case.
	Case string `json:"case"`
	// Equal says that it is the same byte for byte.
	Equal bool `json:"equal,omitempty"`
	// Unusable says that a signal found the other picture unusable.
	Unusable bool `json:"unusable,omitempty"`
	// Difference is the largest of the tiles', of 255. 0 for equal ones.
	Difference float64 `json:"difference,omitempty"`
}
