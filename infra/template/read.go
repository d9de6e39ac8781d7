package template

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// intrinsics are the functions that a template may use, by their short tag without "!".
var intrinsics = map[string]bool{
	"Ref": true, "Sub": true, "GetAtt": true, "If": true, "Equals": true, "And": true, "Or": true, "Not": true, "Condition": true,
	"Select": true, "Split": true, "Join": true, "FindInMap": true, "ImportValue": true, "GetAZs": true, "Base64": true,
}

// read returns a YAML node as maps, lists, strings, ints, floats, bools, nil and Intrinsic.
// Only what templates use is read. Anything else is an error with its line, not a guess.
func read(node ast.Node) (any, error) {
	// Each kind of node that templates use, and an error for every other.
	switch n := node.(type) {
	case nil:
		return nil, nil
	case *ast.NullNode:
		return nil, nil
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.BoolNode:
		return n.Value, nil
	case *ast.FloatNode:
		return n.Value, nil
	case *ast.IntegerNode:
		return strconv.Atoi(fmt.Sprint(n.Value))
	case *ast.AnchorNode:
		return read(n.Value)
	case *ast.TagNode:
		return readTag(n)
	case *ast.SequenceNode:
		list := make([]any, 0, len(n.Values))
		for _, item := range n.Values {
			value, err := read(item)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case *ast.MappingNode:
		return readMapping(n.Values)
	case *ast.MappingValueNode:
		return readMapping([]*ast.MappingValueNode{n})
	}
	return nil, fmt.Errorf("%d: %s is not used in templates", node.GetToken().Position.Line, node.Type())
}

// readMapping returns a mapping, or the intrinsic that its single key spells in the long form.
func readMapping(pairs []*ast.MappingValueNode) (any, error) {
	m := make(map[string]any, len(pairs))
	for _, pair := range pairs {
		value, err := read(pair.Value)
		if err != nil {
			return nil, err
		}
		m[keyOf(pair)] = value
	}
	if len(m) != 1 {
		return m, nil
	}
	// A mapping of one key may be the long form of an intrinsic: {"Fn::Sub": …}.
	for key, arg := range m {
		name, long := strings.CutPrefix(key, "Fn::")
		if long || key == "Ref" {
			return intrinsic(name, arg), nil
		}
	}
	return m, nil
}

// readTag returns the intrinsic of a short tag: !Sub, !GetAtt.
func readTag(n *ast.TagNode) (any, error) {
	name := strings.TrimPrefix(n.Start.Value, "!")
	if !intrinsics[name] {
		return nil, fmt.Errorf("%d: tag !%s is not a CloudFormation function", n.Start.Position.Line, name)
	}
	arg, err := read(n.Value)
	return intrinsic(name, arg), err
}

// intrinsic returns GetAtt in its one form, a list of two, however it was written.
func intrinsic(name string, arg any) Intrinsic {
	// The short form writes both names in one text, with a dot between.
	if written, ok := arg.(string); ok && name == "GetAtt" {
		id, attribute, _ := strings.Cut(written, ".")
		return Intrinsic{Name: name, Arg: []any{id, attribute}}
	}
	return Intrinsic{Name: name, Arg: arg}
}

// pairsOf returns the entries of a top-level section in the order of the file, which a Go map would
// lose.
func pairsOf(root ast.Node, name string) []*ast.MappingValueNode {
	for _, pair := range pairs(root) {
		if keyOf(pair) == name {
			return pairs(pair.Value)
		}
	}
	return nil
}

func pairs(node ast.Node) []*ast.MappingValueNode {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

func keyOf(pair *ast.MappingValueNode) string {
	if s, ok := pair.Key.(*ast.StringNode); ok {
		return s.Value
	}
	return pair.Key.String()
}

// text returns a scalar as CloudFormation would pass it on; nil is "".
func text(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}
