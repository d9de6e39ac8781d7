package templatetest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// reckon works out an expression of metric math for one period: Go reads it, but for the brackets
// of a list.
func reckon(expression string, values map[string]float64) (float64, error) {
	tree, err := parser.ParseExpr(strings.NewReplacer("[", "", "]", "").Replace(expression))
	if err != nil {
		return 0, err
	}
	return number(tree, values)
}

func number(node ast.Expr, values map[string]float64) (float64, error) {
	switch n := node.(type) {
	case *ast.BasicLit:
		return strconv.ParseFloat(n.Value, 64)
	case *ast.Ident:
		value, ok := values[n.Name]
		if !ok {
			return 0, fmt.Errorf("no metric is called %s", n.Name)
		}
		return value, nil
	case *ast.BinaryExpr:
		left, err := number(n.X, values)
		if err != nil {
			return 0, err
		}
		right, err := number(n.Y, values)
		return operate(n.Op, left, right), err
	case *ast.CallExpr:
		return call(n, values)
	}
	return 0, fmt.Errorf("%T is not reckoned here", node)
}

func operate(op token.Token, left, right float64) float64 {
	truth := map[token.Token]bool{token.GEQ: left >= right, token.GTR: left > right, token.LEQ: left <= right, token.LSS: left < right}
	if holds, is := truth[op]; is {
		if holds {
			return 1
		}
		return 0
	}
	switch op {
	case token.ADD:
		return left + right
	case token.SUB:
		return left - right
	case token.MUL:
		return left * right
	}
	return left / right
}

func call(n *ast.CallExpr, values map[string]float64) (float64, error) {
	var all []float64
	for _, argument := range n.Args {
		value, err := number(argument, values)
		if err != nil {
			return 0, err
		}
		all = append(all, value)
	}
	switch name := fmt.Sprint(n.Fun); {
	case name == "MAX" && len(all) > 0:
		return slices.Max(all), nil
	case name == "IF" && len(all) == 3 && all[0] != 0:
		return all[1], nil
	case name == "IF" && len(all) == 3:
		return all[2], nil
	default:
		return 0, fmt.Errorf("%s of %d is not reckoned here", name, len(all))
	}
}

// statistic is what CloudWatch makes of a period's samples.
func statistic(name string, samples []float64) (float64, error) {
	sum := 0.0
	for _, sample := range samples {
		sum += sample
	}
	switch name {
	case "Sum":
		return sum, nil
	case "SampleCount":
		return float64(len(samples)), nil
	case "Average":
		return sum / float64(len(samples)), nil
	case "Minimum":
		return slices.Min(samples), nil
	case "Maximum":
		return slices.Max(samples), nil
	}
	share, err := strconv.ParseFloat(strings.TrimPrefix(name, "p"), 64)
	if err != nil || share <= 0 || share >= 100 {
		return 0, fmt.Errorf("%q is no statistic", name)
	}
	ordered := slices.Sorted(slices.Values(samples))
	return ordered[int(share/100*float64(len(ordered)))], nil
}

// passes reports whether a line, its fields by name, passes a filter's pattern. A star stands for
// any text.
func passes(pattern string, line map[string]string) (bool, error) {
	text := strings.TrimSuffix(strings.TrimPrefix(pattern, "{"), "}")
	tree, err := parser.ParseExpr(strings.NewReplacer("$.", "", " = ", " == ").Replace(text))
	if err != nil {
		return false, err
	}
	return holds(tree, line)
}

func holds(node ast.Expr, line map[string]string) (bool, error) {
	if inner, ok := node.(*ast.ParenExpr); ok {
		return holds(inner.X, line)
	}
	n, ok := node.(*ast.BinaryExpr)
	if !ok {
		return false, fmt.Errorf("%T is no condition", node)
	}
	if n.Op == token.LAND || n.Op == token.LOR {
		left, err := holds(n.X, line)
		if err != nil {
			return false, err
		}
		right, err := holds(n.Y, line)
		return n.Op == token.LAND && left && right || n.Op == token.LOR && (left || right), err
	}
	field, _ := n.X.(*ast.Ident)
	literal, _ := n.Y.(*ast.BasicLit)
	if field == nil || literal == nil {
		return false, fmt.Errorf("a condition compares a field with a text: %v", n)
	}
	pattern, err := strconv.Unquote(literal.Value)
	if err != nil {
		return false, err
	}
	same, err := path.Match(pattern, line[field.Name])
	return same == (n.Op == token.EQL), err
}
