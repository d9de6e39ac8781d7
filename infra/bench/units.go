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

// table is what the arithmetic needs of a table: its key, and the keys of its indexes, all of them
// keys-only.
type table struct {
	key     []string
	indexes map[string][]string
}

// change is one written item, before and after. Transactional writes are prepared and committed,
// and cost twice.
type change struct {
	table         string
	transactional bool
	before, after item
}

// units returns the write units of the change: one for each kilobyte of the larger of both sizes,
// twice in a transaction, and what its indexes cost: a key that comes or goes 1, one that changes
// 2, one that stays 0.
func (c change) units(of table) (base, index int) {
	base = max(1, (max(c.before.size(), c.after.size())+kilobyte-1)/kilobyte)
	// Prepared and committed are two writes to AWS.
	if c.transactional {
		base *= 2
	}
	for _, key := range of.indexes {
		// An item without the index's key has no entry there.
		before, after := c.before.only(key), c.after.only(key)
		switch {
		case before == nil && after == nil:
		case before == nil || after == nil:
			index++
		case !equal(before, after):
			index += 2
		}
	}
	return base, index
}

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
