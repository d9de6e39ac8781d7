// Package policyfile reads policy files, which are YAML, and writes published ones as the Go code
// that functions link.
//
// It refuses to know what a file may say: that is policy's. It is apart from policy so that no
// function links the YAML library, and none parses a file when it starts.
//
// Words: syntax (what YAML is, whoever's), compile (to write a checked revision as Go).
package policyfile

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"makegood/shared/policy"
)

// Parse is policy.Parse of YAML.
func Parse(name string, source []byte) (policy.Revision, error) {
	return policy.Parse(name, source, Read)
}

// Read is the policy.Syntax of YAML.
func Read(source []byte) (policy.Node, *policy.FileError) {
	tree, err := parser.ParseBytes(source, 0)
	if err != nil {
		return policy.Node{}, unreadable(err)
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return policy.Node{}, crowded(tree)
	}
	return nodeOf(tree.Docs[0].Body), nil
}

// unreadable places an error of the YAML parser: bad syntax, a key that is there twice.
func unreadable(err error) *policy.FileError {
	var yamlErr yaml.Error
	// Where the parser names no place, the first line is the best there is.
	if !errors.As(err, &yamlErr) || yamlErr.GetToken() == nil {
		return &policy.FileError{Line: 1, Column: 1, Message: err.Error()}
	}
	at := yamlErr.GetToken().Position
	return &policy.FileError{Line: at.Line, Column: at.Column, Message: yamlErr.GetMessage()}
}

// crowded says that a file does not hold one document: where the second begins, at 1:1 if there is
// none.
func crowded(tree *ast.File) *policy.FileError {
	e := policy.FileError{Line: 1, Column: 1, Message: "must hold exactly one document"}
	if len(tree.Docs) > 1 {
		second := tree.Docs[1]
		at := second.Start // its "---"; it may have none after "..."
		if at == nil && second.Body != nil {
			at = start(second.Body)
		}
		if at != nil {
			e.Line, e.Column = at.Position.Line, at.Position.Column
		}
	}
	return &e
}

// nodeOf converts a node with all that is below it. What no policy file may hold keeps its type
// alone: null, a fraction, an anchor, an alias, a tag.
func nodeOf(node ast.Node) policy.Node {
	at := start(node).Position
	result := policy.Node{Line: at.Line, Column: at.Column, Type: strings.ToLower(node.Type().String())}
	switch node := node.(type) {
	case *ast.StringNode:
		result.Value = node.Value
	case *ast.LiteralNode:
		result.Value = node.Value.Value
	case *ast.BoolNode:
		result.Value = node.Value
	case *ast.IntegerNode:
		result.Value = node.Value
		if node.Value == nil {
			result.Type = "integer of more than 64 bits"
		}
	case *ast.SequenceNode:
		list := make([]policy.Node, len(node.Values))
		for i, element := range node.Values {
			list[i] = nodeOf(element)
		}
		result.Value = list
	case ast.MapNode:
		pairs := []policy.Pair{}
		for walk := node.MapRange(); walk.Next(); {
			key := walk.Key().GetToken()
			pairs = append(pairs, policy.Pair{Key: key.Value, Line: key.Position.Line, Column: key.Position.Column, Value: nodeOf(walk.Value())})
		}
		result.Value = pairs
	}
	return result
}

// start returns the token where a node begins: of a mapping its first key, of a list its first
// element.
func start(node ast.Node) *token.Token {
	switch node := node.(type) {
	case *ast.MappingNode:
		if len(node.Values) > 0 && !node.IsFlowStyle {
			return start(node.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return start(node.Key)
	}
	return node.GetToken()
}
