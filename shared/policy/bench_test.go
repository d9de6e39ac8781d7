package policy_test

import (
	"os"
	"testing"

	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// BenchmarkParse is what the check of a file costs, BenchmarkOpen the first Open of a process.
func BenchmarkParse(b *testing.B) {
	for _, file := range []string{"goopter/2026-02-13.yaml", "photoroom/2026-01-01.yaml", "popcustoms/2026-01-01.yaml"} {
		source, err := os.ReadFile("published/" + file)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(file, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := policyfile.Parse(file, source); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, name := range policy.Names() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := policy.OpenAnew(name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
