// Package call holds a call of an operation in Go's terms, before the wire: a
// client sends it, and a double checks it against the contract as a server
// checks a request.
package call

import (
	"errors"
	"slices"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
	"github.com/cfimages/cfimages/runtime/metafilter"
)

// Request is one call of an operation.
type Request struct {
	Op *contract.Operation
	// Path are the path parameters that are not bound, in the order of the path.
	Path   []string
	Query  contract.Input
	Filter metafilter.Filter
	Form   contract.Input
	// Files are the form's file parts; those without a file are not sent.
	Files []form.Part
	JSON  any
}

// Parts returns the file parts that are given.
func (r Request) Parts() []form.Part {
	return slices.DeleteFunc(slices.Clone(r.Files), func(p form.Part) bool { return p.File == nil })
}

// Check applies to the call what a server applies to a request. It returns the
// error the API would answer.
func (r Request) Check(c *contract.Contract) error {
	for i, p := range r.Op.PathParams {
		if err := contract.CheckText(p.Schema, p.Name, r.Path[i], &c.Faults); err != nil {
			return err
		}
	}
	if err := r.Filter.Err(); err != nil {
		return FilterError(err, &c.Faults)
	}
	switch {
	case r.Query != nil:
		return checkFields(c, r.Op.QueryParams, r.Query, nil, nil)
	case r.Form != nil:
		s := r.Op.Body.Schema
		return checkFields(c, s.Params(), r.Form, s.OneOf, r.Parts())
	case r.JSON != nil:
		return checkJSON(c, r.Op.Body.Schema, r.JSON)
	default:
		return nil
	}
}

// FilterError returns what the API answers to an invalid filter.
func FilterError(err error, f *contract.Faults) error {
	if e, ok := errors.AsType[*metafilter.Error](err); ok {
		return f.BadRequest.At(e.Param, "%s", e.Msg)
	}
	return f.BadRequest.With("%s", err)
}

func checkJSON(c *contract.Contract, s *contract.Schema, v any) error {
	b, err := contract.EncodeJSON(v)
	if err != nil {
		return c.Faults.BadRequest.With("%s", err)
	}
	_, err = contract.CleanJSON(s, b, &c.Faults)
	return err
}

func checkFields(c *contract.Contract, params []contract.Param, in contract.Input, oneOf []string, files []form.Part) error {
	var fields contract.Fields
	in.AppendFields(&fields)
	if fields.Err != nil {
		return c.Faults.BadRequest.With("%s", fields.Err)
	}
	var given []string
	for _, p := range files {
		given = append(given, p.Name)
	}
	for _, field := range fields.List {
		given = append(given, field.Name)
		if err := checkField(c, params, field); err != nil {
			return err
		}
	}
	for _, p := range params {
		if p.Required && !slices.Contains(given, p.Name) {
			return c.Faults.BadRequest.At(p.Name, "%s is required", p.Name)
		}
	}
	return contract.CheckOneOf(oneOf, given, &c.Faults)
}

func checkField(c *contract.Contract, params []contract.Param, field contract.Field) error {
	for _, p := range params {
		if p.Name == field.Name {
			return contract.CheckText(p.Schema, p.Name, field.Value, &c.Faults)
		}
	}
	return nil
}
