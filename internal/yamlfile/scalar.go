package yamlfile

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
)

// IsList says whether the value is a list, for values that may be one or many.
func (v Value) IsList() bool {
	_, ok := v.node.(*ast.SequenceNode)
	return ok
}

// Scalar reads text, a number or a boolean as it is written; unlike Text it takes empty text too.
func (v Value) Scalar() (string, bool) {
	if node, ok := v.node.(*ast.StringNode); ok {
		return node.Value, true
	}
	if node, ok := v.node.(*ast.BoolNode); ok {
		return node.GetToken().Value, true
	}
	return v.Text()
}

// Bool reads true or false.
func (v Value) Bool() (value, ok bool) {
	if !v.Exists() {
		return false, false
	}
	if node, is := v.node.(*ast.BoolNode); is {
		return node.Value, true
	}
	v.Fail("%s; want true or false", v.found())
	return false, false
}

// Where is the place of the value as problems name it.
func (v Value) Where() string { return fmt.Sprintf("%s:%d: %s", v.file.name, v.line, v.field) }
