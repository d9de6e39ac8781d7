package evidence

// Problem is why a picture could not be judged; "" for one that could.
type Problem string

// The problems. None of them says anything about the picture: a person looks.
const (
	ProblemNoLink      Problem = "no_link"         // the app named none
	ProblemLink        Problem = "link"            // it is no link that is followed
	ProblemHost        Problem = "host"            // its host or bucket is not listed
	ProblemUnresolved  Problem = "unresolved"      // its host has no address
	ProblemPrivate     Problem = "private_address" // its host has an address that is not public
	ProblemRedirect    Problem = "redirect"        // its host sends on to another, or too often
	ProblemGone        Problem = "gone"            // its host has it no more, or does not give it
	ProblemUnreachable Problem = "unreachable"     // its host did not answer in time, or not whole
	ProblemEncoded     Problem = "encoded"         // its host packs it in another way than asked for
	ProblemLarge       Problem = "too_large"       // more bytes, pixels or frames than are looked at
	ProblemFormat      Problem = "unknown_format"  // neither png, jpeg, webp, gif, mp4 nor webm
	ProblemCrashed     Problem = "look_failed"     // earlier looks at it did not end
)

// sentences say each problem to staff.
var sentences = map[Problem]string{
	ProblemNoLink:      "The app named no picture.",
	ProblemLink:        "The link is none that is followed: https without a user or a port, or s3://bucket/key.",
	ProblemHost:        "The link's host or bucket is not listed (PictureHosts, PictureBuckets).",
	ProblemUnresolved:  "The link's host has no address.",
	ProblemPrivate:     "The link's host has an address that is not public.",
	ProblemRedirect:    "The link's host sends on to another host, or too often.",
	ProblemGone:        "The link's host does not have the picture any more, or does not give it.",
	ProblemUnreachable: "The link's host did not send the whole picture in time.",
	ProblemEncoded:     "The link's host sends the picture compressed once more, which is not undone.",
	ProblemLarge:       "It has more bytes, pixels or frames than are looked at.",
	ProblemFormat:      "It is neither a PNG, JPEG, WebP, GIF, MP4 nor WebM.",
	ProblemCrashed:     "Looking at it did not end, several times, so it is not tried again.",
}

// Sentence says the problem in one English sentence, for staff; "" for none.
func (p Problem) Sentence() string { return sentences[p] }
