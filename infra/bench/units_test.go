package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func itemOf(t *testing.T, text string) item {
	t.Helper()
	var read item
	require.NoError(t, json.Unmarshal([]byte(text), &read))
	return read
}

func TestSizesFollowTheDevelopersGuide(t *testing.T) {
	for text, want := range map[string]int{
		`{}`:                             0,
		`{"pk":{"S":"abc"}}`:             5,
		`{"pk":{"S":"äöü"}}`:             8,
		`{"n":{"N":"0"}}`:                2,
		`{"n":{"N":"7"}}`:                3,
		`{"n":{"N":"27"}}`:               3,
		`{"n":{"N":"-27"}}`:              4,
		`{"n":{"N":"461"}}`:              4,
		`{"n":{"N":"1000000"}}`:          3,
		`{"n":{"N":"1772366400000"}}`:    6,
		`{"n":{"N":"1772366400123"}}`:    9,
		`{"n":{"N":"0.0125"}}`:           4,
		`{"b":{"B":"AAEC"}}`:             4,
		`{"b":{"BOOL":true}}`:            2,
		`{"b":{"NULL":true}}`:            2,
		`{"l":{"L":[]}}`:                 4,
		`{"m":{"M":{}}}`:                 4,
		`{"l":{"L":[{"S":"ab"}]}}`:       7,
		`{"m":{"M":{"k":{"S":"ab"}}}}`:   8,
		`{"s":{"SS":["a","bc"]}}`:        4,
		`{"s":{"NS":["7","461"]}}`:       6,
		`{"l":{"L":[{"M":{}}]}}`:         8,
		`{"a":{"S":"x"},"bc":{"N":"1"}}`: 6,
	} {
		assert.Equal(t, want, itemOf(t, text).size(), text)
	}
}

var wallets = table{key: []string{"pk", "sk"}, indexes: map[string]index{
	"open": {key: []string{"pk", "dueAt"}}, "stuck": {key: []string{"pk", "stuckAt"}},
}}

func TestAWriteCostsTheLargerOfBothSizesTwiceInATransaction(t *testing.T) {
	small := itemOf(t, `{"pk":{"S":"a"},"sk":{"S":"w"}}`)
	exact := itemOf(t, `{"pk":{"S":"`+strings.Repeat("a", 1022)+`"}}`)
	large := itemOf(t, `{"pk":{"S":"`+strings.Repeat("a", 1023)+`"}}`)
	for _, c := range []struct {
		change change
		want   int
	}{
		{change{after: small}, 1},
		{change{before: small}, 1},
		{change{}, 1}, // a condition on what is not there
		{change{after: exact}, 1},
		{change{after: large}, 2},
		{change{before: large, after: small}, 2},
		{change{after: small, transactional: true}, 2},
		{change{before: small, after: large, transactional: true}, 4},
	} {
		base, index := c.change.units(wallets)
		assert.Equal(t, c.want, base)
		assert.Zero(t, index)
	}
}

func TestAnIndexCostsWhatItsKeyDoes(t *testing.T) {
	none := itemOf(t, `{"pk":{"S":"a"},"sk":{"S":"w"}}`)
	due := itemOf(t, `{"pk":{"S":"a"},"sk":{"S":"w"},"dueAt":{"N":"5"}}`)
	more := itemOf(t, `{"pk":{"S":"a"},"sk":{"S":"w"},"dueAt":{"N":"5"},"left":{"N":"9"}}`)
	later := itemOf(t, `{"pk":{"S":"a"},"sk":{"S":"w"},"dueAt":{"N":"6"}}`)
	stuck := itemOf(t, `{"pk":{"S":"a"},"sk":{"S":"w"},"stuckAt":{"N":"6"}}`)
	for _, c := range []struct {
		before, after item
		want          int
	}{
		{nil, none, 0},
		{nil, due, 1},
		{due, nil, 1},
		{due, none, 1},
		{none, due, 1},
		{due, due, 0},
		{due, more, 0},
		{due, later, 2},
		{due, stuck, 2},
	} {
		for _, transactional := range []bool{false, true} {
			_, index := change{before: c.before, after: c.after, transactional: transactional}.units(wallets)
			assert.Equal(t, c.want, index)
		}
	}
}

func TestAnIndexThatCarriesMoreCostsByWhatItCarries(t *testing.T) {
	carrying := table{key: []string{"pk", "sk"}, indexes: map[string]index{"held": {key: []string{"pk", "dueAt"}, carries: []string{"state", "note"}}}}
	row := func(more string) item { return itemOf(t, `{"pk":{"S":"a"},"sk":{"S":"w"}`+more+`}`) }
	long := `,"note":{"S":"` + strings.Repeat("x", 1500) + `"}`
	for _, c := range []struct {
		before, after item
		want          int
	}{
		{nil, row(`,"state":{"S":"held"}`), 0},
		{nil, row(`,"dueAt":{"N":"5"},"state":{"S":"held"}`), 1},
		{row(`,"dueAt":{"N":"5"},"state":{"S":"held"}`), row(`,"dueAt":{"N":"5"},"state":{"S":"held"},"other":{"S":"b"}`), 0},
		{row(`,"dueAt":{"N":"5"},"state":{"S":"held"}`), row(`,"dueAt":{"N":"5"},"state":{"S":"failed"}`), 1},
		{row(`,"dueAt":{"N":"5"},"state":{"S":"held"}`), row(`,"dueAt":{"N":"6"},"state":{"S":"held"}`), 2},
		{row(`,"dueAt":{"N":"5"}`), row(`,"dueAt":{"N":"5"}` + long), 2},
		{row(`,"dueAt":{"N":"5"}` + long), row(``), 2},
		{row(`,"dueAt":{"N":"5"}` + long), row(`,"dueAt":{"N":"6"}` + long), 4},
	} {
		_, units := change{before: c.before, after: c.after}.units(carrying)
		assert.Equal(t, c.want, units)
	}
}
