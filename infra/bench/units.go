package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// item is an item as DynamoDB's JSON has it: attribute → {type: value}. A nil item is one that is
// not there.
type item map[string]map[string]json.RawMessage

// kilobyte is the size of a write unit. The documented sizes are those of "DynamoDB item sizes and
// formats" in the developer guide.
const kilobyte = 1024

// size returns the item's size in bytes by the documented rules: names and texts in UTF-8, a number
// one byte for two digits and one more, a list or map three bytes and one more for each element.
func (i item) size() int {
	sum := 0
	for name, value := range i {
		sum += len(name) + sizeOf(value)
	}
	return sum
}

func sizeOf(value map[string]json.RawMessage) int {
	// A value has exactly one type, so the map has one entry.
	for kind, raw := range value {
		switch kind {
		case "S":
			return len(read[string](raw))
		case "N":
			return numberSize(read[string](raw))
		case "B":
			return binarySize(read[string](raw))
		case "BOOL", "NULL":
			return 1
		case "SS", "NS", "BS":
			return setSize(kind, read[[]string](raw))
		case "L":
			sum := 3
			for _, element := range read[[]map[string]json.RawMessage](raw) {
				sum += 1 + sizeOf(element)
			}
			return sum
		case "M":
			sum := 3
			for name, element := range read[map[string]map[string]json.RawMessage](raw) {
				sum += 1 + len(name) + sizeOf(element)
			}
			return sum
		}
	}
	panic(fmt.Sprintf("no attribute value: %s", value))
}

func setSize(kind string, elements []string) int {
	sum := 0
	for _, element := range elements {
		switch kind {
		case "SS":
			sum += len(element)
		case "NS":
			sum += numberSize(element)
		default:
			sum += binarySize(element)
		}
	}
	return sum
}

func numberSize(text string) int {
	digits, negative := strings.CutPrefix(text, "-")
	// Zeros at either end take no room, and neither does the point.
	digits = strings.Trim(strings.Replace(digits, ".", "", 1), "0")
	size := (len(digits)+1)/2 + 1
	if negative {
		size++
	}
	return size
}

func binarySize(text string) int {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return len(raw)
}

// read decodes what DynamoDB Local itself sent or took: anything else is a bug here.
func read[T any](raw json.RawMessage) T {
	var value T
	if err := json.Unmarshal(raw, &value); err != nil {
		panic(err)
	}
	return value
}

// table is what the arithmetic needs of a table: its key and its indexes.
type table struct {
	key     []string
	indexes map[string]index
}

// index is what the arithmetic needs of an index: its key, and the attributes that an entry carries
// beside it and the table's own.
type index struct{ key, carries []string }

// entry returns what the index holds of the item, nil where it holds none.
func (i index) entry(of table, whole item) item {
	if whole.only(i.key) == nil {
		return nil
	}
	// An item may lack what its entry would carry: then the entry lacks it too.
	part := item{}
	for _, name := range slices.Concat(i.key, of.key, i.carries) {
		if value, has := whole[name]; has {
			part[name] = value
		}
	}
	return part
}

// change is one written item, before and after. Transactional writes are prepared and committed,
// and cost twice.
type change struct {
	table         string
	transactional bool
	before, after item
}

// units returns the write units of the change: one for each kilobyte of the larger of both sizes,
// twice in a transaction, and what its indexes cost.
func (c change) units(of table) (base, indexes int) {
	base = kilobytes(max(c.before.size(), c.after.size()))
	// Prepared and committed are two writes to AWS.
	if c.transactional {
		base *= 2
	}
	for _, one := range of.indexes {
		indexes += one.units(of, c)
	}
	return base, indexes
}

// units returns the write units of an index: an entry that comes or goes is one write, one whose
// key changes two, one that stays and carries something else one.
func (i index) units(of table, c change) int {
	before, after := i.entry(of, c.before), i.entry(of, c.after)
	switch {
	case before == nil && after == nil, before != nil && after != nil && equal(before, after):
		return 0
	case before != nil && after != nil && equal(before.only(i.key), after.only(i.key)):
		return kilobytes(max(before.size(), after.size()))
	}
	units := 0
	for _, written := range []item{before, after} {
		if written != nil {
			units += kilobytes(written.size())
		}
	}
	return units
}

// kilobytes returns the units of a write of that many bytes; one of none is a unit too.
func kilobytes(bytes int) int { return max(1, (bytes+kilobyte-1)/kilobyte) }

// only returns the named attributes, nil unless the item has all of them: then an index holds no
// entry of it.
func (i item) only(names []string) item {
	part := item{}
	for _, name := range names {
		value, has := i[name]
		if !has {
			return nil
		}
		part[name] = value
	}
	return part
}

func equal(a, b item) bool {
	same := func(x, y map[string]json.RawMessage) bool {
		return maps.EqualFunc(x, y, func(v, w json.RawMessage) bool { return slices.Equal(v, w) })
	}
	return maps.EqualFunc(a, b, same)
}
