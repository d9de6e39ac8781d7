package main

import "makegood/shared/audit"

// upperBound is the share that, with 95 % confidence, is not exceeded where k of n were met: the
// exact bound of Clopper and Pearson, which is 3/n for none.
func upperBound(k, n int) float64 { return audit.AtMost(k, n) / 100 }

// lowerBound is the share that is exceeded likewise.
func lowerBound(k, n int) float64 { return 1 - upperBound(n-k, n) }
