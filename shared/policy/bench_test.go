package policy_test

import (
	"os"
	"testing"

	"makegood/shared/policy"
)

// BenchmarkParse is what the first Open of a process costs.
func BenchmarkParse(b *testing.B) {
	for _, file := range []string{"goopter/2026-02-13.yaml", "photoroom/2026-01-01.yaml", "popcustoms/2026-01-01.yaml"} {
		source, err := os.ReadFile("published/" + file)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(file, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := policy.Parse(file, source); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
