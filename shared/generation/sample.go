package generation

import "hash/fnv"

// SampleOf is how many generations one that is counted stands for: how many there are of a feature
// is told by a sample, since counting each would cost a write more for each.
const SampleOf = 10

// Sampled reports whether the generation is among those that are counted. The id alone decides, so
// that a start that is tried again is counted once, with its commit.
func Sampled(id ID) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash takes whatever comes
	return h.Sum32()%SampleOf == 0
}
