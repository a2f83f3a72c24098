package load

import (
	"context"
	"errors"
	"reflect"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Validate returns what kin-openapi finds wrong and nobody else has: nothing
// for the lines of known problems, nor of the kinds that [Document.Lint]
// reports with a better position.
func (d *Document) Validate(known Problems) Problems {
	if len(d.problems) > 0 {
		return nil // it would see a document that is not the text's
	}
	reported := map[int]bool{}
	for _, p := range known {
		reported[p.Line] = true
	}
	doc, err := d.Copy()
	if err != nil {
		return Problems{{d.Root().Pos(), err.Error()}}
	}
	var problems Problems
	err = doc.Validate(context.Background(), openapi3.EnableMultiError(), openapi3.DisableExamplesValidation())
	for _, e := range flatten(err) {
		at := d.origin(e)
		if !reported[at.Line] && !linted(e) {
			text, _, _ := strings.Cut(leaf(e).Error(), "\n")
			problems.Addf(at, "%s", text)
		}
	}
	return problems
}

// linted reports whether the error is of a kind that [Document.Lint] finds.
func linted(err error) bool {
	return is[*openapi3.PathParametersError](err) || is[*openapi3.DuplicateOperationIDError](err) ||
		is[*openapi3.SchemaValueError](err) || is[*openapi3.UnresolvedRefError](err) ||
		is[*openapi3.ExtraSiblingFieldsError](err) || is[*openapi3.DuplicateParameterError](err) ||
		is[*openapi3.SchemaTypeError](err) || is[*openapi3.SchemaError](err) || is[*openapi3.SecurityRequirementSchemeUndefinedError](err)
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// leaf returns the innermost error: the outer ones repeat where it is.
func leaf(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// origin returns the position of an error: what the error itself knows, or
// else where the sections it is wrapped in begin.
func (d *Document) origin(err error) Position {
	n := d.Root()
	at := n.Pos()
	for ; err != nil; err = errors.Unwrap(err) {
		n = section(n, err)
		at = n.Pos()
		if o := originOf(err); o != nil && o.Key != nil {
			return Position{File: d.Path, Line: o.Key.Line, Col: o.Key.Column}
		}
	}
	return at
}

// section follows one wrapper of an error into the tree.
func section(n Node, err error) Node {
	switch e := err.(type) { //nolint:errorlint // one layer at a time
	case *openapi3.SectionValidationError:
		return n.Nearest(e.Section)
	case *openapi3.ComponentValidationError:
		return component(n, e)
	case *openapi3.PathValidationError:
		return n.Nearest(e.Path)
	case *openapi3.OperationValidationError:
		return n.Nearest(strings.ToLower(e.Method))
	default:
		return n
	}
}

// component finds a component by the words kin-openapi has for its group:
// "security scheme" for securitySchemes.
func component(n Node, e *openapi3.ComponentValidationError) Node {
	word, _, _ := strings.Cut(e.Section, " ")
	for _, group := range n.Members() {
		if m := group.Get(e.Name); m.Ok() && strings.HasPrefix(group.Name(), word) {
			return m
		}
	}
	return n
}

// originOf returns the field Origin of an error, which many types of
// kin-openapi have without an interface to ask for it.
func originOf(err error) *openapi3.Origin {
	v := reflect.Indirect(reflect.ValueOf(err))
	if v.Kind() != reflect.Struct {
		return nil
	}
	f := v.FieldByName("Origin")
	if !f.IsValid() || !f.CanInterface() {
		return nil
	}
	o, _ := f.Interface().(*openapi3.Origin)
	return o
}
