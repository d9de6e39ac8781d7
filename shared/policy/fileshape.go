package policy

import (
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// checkShape compares the file with the type it is read into: the reader alone would round 10.5 to 10, take "10" for 10, expand
// aliases, and name no path.
func (c *checker) checkShape(node ast.Node, t reflect.Type, at place) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var ok bool
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		c.checkPairs(node, t, at)
		return
	case reflect.Slice:
		c.checkElements(node, t, at)
		return
	case reflect.String:
		ok = isText(node)
	case reflect.Bool:
		_, ok = node.(*ast.BoolNode)
	default:
		_, ok = node.(*ast.IntegerNode)
		if t == reflect.TypeFor[time.Duration]() {
			ok = isText(node)
		}
	}
	c.need(ok, at, "must be %s, not %s", written(t), strings.ToLower(node.Type().String()))
}

func isText(node ast.Node) bool {
	switch node.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return true
	}
	return false
}

func (c *checker) checkElements(node ast.Node, t reflect.Type, at place) {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		c.bad(at, "must be a list, not %s", strings.ToLower(node.Type().String()))
		return
	}
	for i, element := range list.Values {
		c.checkShape(element, t.Elem(), at.in(i))
	}
}

func (c *checker) checkPairs(node ast.Node, t reflect.Type, at place) {
	pairs, ok := node.(ast.MapNode)
	if !ok {
		c.bad(at, "must be a mapping, not %s", strings.ToLower(node.Type().String()))
		return
	}
	for walk := pairs.MapRange(); walk.Next(); {
		key := walk.Key().GetToken().Value
		if t.Kind() == reflect.Map {
			c.checkShape(walk.Value(), t.Elem(), at.in(key))
			continue
		}
		field, known := fieldOf(t, key)
		if !known {
			c.badAt(walk.Key().GetToken(), at.in(key), "unknown field: known are %s", strings.Join(fieldNames(t), ", "))
			continue
		}
		c.checkShape(walk.Value(), field, at.in(key))
	}
}

// fieldOf returns the type of the field of that name in the file.
func fieldOf(t reflect.Type, name string) (reflect.Type, bool) {
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("yaml") == name {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}

func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Tag.Get("yaml")
	}
	return names
}

// written says how a value of the type is written.
func written(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "a duration as 30s, 5m or 24h"
	case t.Kind() == reflect.String:
		return "text"
	case t.Kind() == reflect.Bool:
		return "true or false"
	}
	return "an integer"
}
