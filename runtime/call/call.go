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

// MaxJSON limits a JSON body, in bytes.
const MaxJSON = 1 << 20

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
	if r.Query != nil {
		if err := checkQuery(c, r.Op.QueryParams, r.Query); err != nil {
			return err
		}
	}
	if err := r.Filter.Err(); err != nil {
		return FilterError(err, &c.Faults)
	}
	switch {
	case r.Form != nil:
		return checkForm(c, r.Op.Body, r.Form, r.Parts())
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
	if len(b) > MaxJSON {
		return c.Faults.TooLarge.New()
	}
	_, err = contract.CleanJSON(s, b, &c.Faults)
	return err
}

// checkQuery goes by the order of the contract, as a server does.
func checkQuery(c *contract.Contract, params []contract.Param, in contract.Input) error {
	fields, err := fieldsOf(c, in)
	if err != nil {
		return err
	}
	for _, p := range params {
		if err := checkField(c, p, fields); err != nil {
			return err
		}
	}
	return nil
}

func checkField(c *contract.Contract, p contract.Param, fields []contract.Field) error {
	for _, f := range fields {
		if f.Name == p.Name {
			return contract.CheckText(p.Schema, p.Name, f.Value, &c.Faults)
		}
	}
	if p.Required {
		return c.Faults.BadRequest.At(p.Name, "%s is required", p.Name)
	}
	return nil
}

// checkForm goes by the order of the parts, as a server does that reads them
// one after the other.
func checkForm(c *contract.Contract, body *contract.Body, in contract.Input, files []form.Part) error {
	fields, err := fieldsOf(c, in)
	if err != nil {
		return err
	}
	if len(fields)+len(files) == 0 && body.Required && len(body.Schema.OneOf) == 0 {
		return c.Faults.UnsupportedMediaType.New() // nothing to send is sent without a body
	}
	given := make([]string, 0, len(fields)+len(files))
	for _, f := range fields {
		given = append(given, f.Name)
		if err := checkPart(c, body.Schema, f); err != nil {
			return err
		}
	}
	for _, p := range files {
		given = append(given, p.Name)
		if err := checkSize(c, body.Schema, p); err != nil {
			return err
		}
	}
	for _, p := range body.Schema.Properties {
		if p.Required && !slices.Contains(given, p.Name) {
			return c.Faults.BadRequest.At(p.Name, "%s is required", p.Name)
		}
	}
	return contract.CheckOneOf(body.Schema.OneOf, given, &c.Faults)
}

func checkPart(c *contract.Contract, s *contract.Schema, f contract.Field) error {
	for _, p := range s.Properties {
		if p.Name == f.Name {
			return contract.CheckText(p.Schema, p.Name, f.Value, &c.Faults)
		}
	}
	return nil
}

// checkSize holds a file whose size is known against its limit.
func checkSize(c *contract.Contract, s *contract.Schema, part form.Part) error {
	for _, p := range s.Properties {
		if p.Name != part.Name || p.Schema.MaxBytes == 0 || part.File.Size() <= p.Schema.MaxBytes {
			continue
		}
		kind := c.Faults.TooLarge
		if p.Schema.Violation != nil {
			kind = p.Schema.Violation
		}
		return kind.At(p.Name, "%s", kind.Message)
	}
	return nil
}

func fieldsOf(c *contract.Contract, in contract.Input) ([]contract.Field, error) {
	var fields contract.Fields
	in.AppendFields(&fields)
	if fields.Err != nil {
		return nil, c.Faults.BadRequest.With("%s", fields.Err)
	}
	return fields.List, nil
}
