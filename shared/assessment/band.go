package assessment

import "fmt"

// bands is into how many parts a print's hash is cut. Two hashes that differ in at most four bits
// are equal in one of five parts, so a look-up by each part finds them.
const bands = 5

// Bands returns the parts of a print's hash, each with its place: "0-1f3a".
func Bands(hash uint64) []string {
	parts := make([]string, bands)
	for n := range bands {
		// 64 bits are four parts of thirteen and one of twelve.
		const width = 13
		parts[n] = fmt.Sprintf("%d-%04x", n, hash>>(width*n)&(1<<width-1))
	}
	return parts
}
