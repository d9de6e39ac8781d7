package policy

import "fmt"

// Node is a part of a policy file, as a Syntax hands it over.
type Node struct {
	// Line is where it begins, from 1.
	Line int
	// Column is in characters, from 1.
	Column int
	// Type is the word for what it is in an error: "mapping", "integer".
	Type string
	// Value is a string, a bool, an int64 or uint64, a []Node or a []Pair; nil for anything else.
	Value any
}

// Pair is a key of a mapping and what stands there.
type Pair struct {
	// Key is the name.
	Key string
	// Line is where the key begins, from 1.
	Line int
	// Column is in characters, from 1.
	Column int
	// Value is what the key has.
	Value Node
}

// Syntax reads the text of a file into its one document; a fault names its line and column and says
// what is wrong. policyfile has the one for YAML, which functions do without.
type Syntax func(source []byte) (Node, *FileError)

// pairs returns those of a mapping, false for any other node.
func (n Node) pairs() ([]Pair, bool) {
	pairs, ok := n.Value.([]Pair)
	return pairs, ok
}

// at returns the node at the path, or its nearest part that is in the file: a field that is missing
// has no place, and its parent's is where it belongs.
func (n Node) at(path place) Node {
	for _, step := range path {
		below, ok := n.child(step)
		if !ok {
			return n
		}
		n = below
	}
	return n
}

// child returns what stands at one step of a path: at a key, or at a position in a list.
func (n Node) child(step any) (Node, bool) {
	if position, ok := step.(int); ok {
		list, _ := n.Value.([]Node)
		if position < len(list) {
			return list[position], true
		}
		return Node{}, false
	}
	// A step of a path may be a word of a type of its own, a kind or an outcome.
	key := fmt.Sprint(step)
	pairs, _ := n.pairs()
	for _, pair := range pairs {
		if pair.Key == key {
			return pair.Value, true
		}
	}
	return Node{}, false
}

// keys returns the keys of the mapping at the node, in the order of the file.
func (n Node) keys() []string {
	pairs, _ := n.pairs()
	keys := make([]string, len(pairs))
	for i, pair := range pairs {
		keys[i] = pair.Key
	}
	return keys
}
