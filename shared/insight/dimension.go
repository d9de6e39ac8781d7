package insight

import (
	"slices"
	"strings"

	"makegood/shared/fault"
	"makegood/shared/policy"
)

// Dimension is what rows may be of.
type Dimension string

// The dimensions.
const (
	DimensionDay      Dimension = "day"
	DimensionFeature  Dimension = "feature"
	DimensionPlatform Dimension = "platform"
	DimensionClause   Dimension = "clause"
	DimensionKind     Dimension = "kind"
	DimensionOutcome  Dimension = "outcome"
	DimensionBy       Dimension = "decided_by"
)

// Dimensions are all of them, in the order in which rows are sorted.
var Dimensions = []Dimension{
	DimensionDay, DimensionFeature, DimensionPlatform, DimensionClause, DimensionKind, DimensionOutcome, DimensionBy,
}

// ParseDimensions reads dimensions that commas part, each named once: in the order of Dimensions.
// KindInvalid naming by for anything else.
func ParseDimensions(words string) ([]Dimension, error) {
	var chosen []Dimension
	named := strings.Split(words, ",")
	for _, dimension := range Dimensions {
		if slices.Contains(named, string(dimension)) {
			chosen = append(chosen, dimension)
		}
	}
	if len(chosen) != len(named) {
		return nil, fault.Invalid("by", "must be one or more of day, feature, platform, clause, kind, outcome, decided_by, each once, parted by commas")
	}
	return chosen, nil
}

// field returns where a key has the dimension.
func (k *Key) field(d Dimension) (get func() string, set func(string)) {
	switch d {
	case DimensionDay:
		return func() string { return string(k.Day) }, func(s string) { k.Day = Day(s) }
	case DimensionFeature:
		return func() string { return k.Feature }, func(s string) { k.Feature = s }
	case DimensionPlatform:
		return func() string { return string(k.Platform) }, func(s string) { k.Platform = policy.Platform(s) }
	case DimensionClause:
		return func() string { return k.Clause }, func(s string) { k.Clause = s }
	case DimensionKind:
		return func() string { return string(k.Kind) }, func(s string) { k.Kind = policy.Kind(s) }
	case DimensionOutcome:
		return func() string { return string(k.Outcome) }, func(s string) { k.Outcome = policy.Outcome(s) }
	default:
		return func() string { return k.By }, func(s string) { k.By = s }
	}
}

// Get returns what the key is of, "" where it is not of that dimension.
func (k Key) Get(d Dimension) string {
	get, _ := k.field(d)
	return get()
}

// With returns the key as one of that dimension's value.
func (k Key) With(d Dimension, value string) Key {
	_, set := k.field(d)
	set(value)
	return k
}

// KeyOf returns the key of what get returns for the name of each dimension but the day, which a
// span is of.
func KeyOf(get func(name string) string) (key Key) {
	for _, d := range Dimensions {
		if d != DimensionDay {
			key = key.With(d, get(string(d)))
		}
	}
	return key
}

// Only returns the key of these dimensions alone.
func (k Key) Only(dimensions ...Dimension) Key {
	var only Key
	for _, d := range dimensions {
		only = only.With(d, k.Get(d))
	}
	return only
}

// Matches reports whether the key is of all that the wanted one is of.
func (k Key) Matches(wanted Key) bool {
	return !slices.ContainsFunc(Dimensions, func(d Dimension) bool { return wanted.Get(d) != "" && wanted.Get(d) != k.Get(d) })
}

// By returns the table's rows added up by these dimensions.
func (t Table) By(dimensions ...Dimension) Table {
	grouped := Table{}
	for key, sums := range t {
		grouped.Add(Row{key.Only(dimensions...), sums})
	}
	return grouped
}

// Where returns the rows of all that the wanted key is of.
func (t Table) Where(wanted Key) Table {
	chosen := Table{}
	for key, sums := range t {
		if key.Matches(wanted) {
			chosen[key] = sums
		}
	}
	return chosen
}
