package main

import "math"

// confidence is of the bounds.
const confidence = 0.95

// upperBound is the share that, with 95 % confidence, is not exceeded where k of n were met: the
// exact bound of Clopper and Pearson, which is 3/n for none.
func upperBound(k, n int) float64 {
	if k >= n {
		return 1
	}
	low, high := float64(k)/float64(n), 1.0
	for range 60 {
		middle := (low + high) / 2
		if atMost(k, n, middle) > 1-confidence {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// lowerBound is the share that is exceeded likewise.
func lowerBound(k, n int) float64 { return 1 - upperBound(n-k, n) }

// atMost is how likely at most k of n are, each with probability p.
func atMost(k, n int, p float64) float64 {
	whole, _ := math.Lgamma(float64(n + 1))
	sum := 0.0
	for i := range k + 1 {
		part, _ := math.Lgamma(float64(i + 1))
		rest, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(whole - part - rest + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}
