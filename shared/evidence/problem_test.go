package evidence_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/evidence"
)

func TestEachProblemHasItsSentence(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "problem.go", nil, 0)
	require.NoError(t, err)
	sentences := map[string]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		constant, ok := node.(*ast.ValueSpec)
		if !ok || constant.Type == nil {
			return true
		}
		value, err := strconv.Unquote(constant.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		sentence := evidence.Problem(value).Sentence()
		assert.NotEmpty(t, sentence, value)
		assert.False(t, sentences[sentence], sentence)
		sentences[sentence] = true
		return true
	})
	assert.Len(t, sentences, 12)
	assert.Empty(t, evidence.Problem("").Sentence())
}
