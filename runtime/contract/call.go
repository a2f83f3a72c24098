package contract

import (
	"errors"
	"slices"

	"github.com/cfimages/cfimages/runtime/metafilter"
)

// MaxJSON limits a JSON body, in bytes.
const MaxJSON = 1 << 20

// Request is one call of an operation in Go's terms, before the wire: a client
// sends it, and a double checks it as a server checks a request.
type Request struct {
	Op *Operation
	// Path are the path parameters that are not bound, in the order of the path.
	Path   []string
	Query  Input
	Filter metafilter.Filter
	Form   Input
	// Files are the form's file parts; those without a file are not sent.
	Files []FilePart
	JSON  any
}

// Parts returns the file parts that are given.
func (r Request) Parts() []FilePart {
	return slices.DeleteFunc(slices.Clone(r.Files), func(p FilePart) bool { return p.File == nil })
}

// Check applies to the call what a server applies to a request. It returns the
// error the API would answer.
func (r Request) Check(c *Contract) error {
	for i, p := range r.Op.PathParams {
		if err := CheckText(p.Schema, p.Name, r.Path[i], &c.Faults); err != nil {
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
func FilterError(err error, f *Faults) error {
	if e, ok := errors.AsType[*metafilter.Error](err); ok {
		return f.BadRequest.At(e.Param, "%s", e.Msg)
	}
	return f.BadRequest.With("%s", err)
}

func checkJSON(c *Contract, s *Schema, v any) error {
	b, err := EncodeJSON(v)
	if err != nil {
		return c.Faults.BadRequest.With("%s", err)
	}
	if len(b) > MaxJSON {
		return c.Faults.TooLarge.New()
	}
	_, err = CleanJSON(s, b, &c.Faults)
	return err
}

// checkQuery goes by the order of the contract, as a server does.
func checkQuery(c *Contract, params []Param, in Input) error {
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

func checkField(c *Contract, p Param, fields []Field) error {
	for _, f := range fields {
		if f.Name == p.Name {
			return CheckText(p.Schema, p.Name, f.Value, &c.Faults)
		}
	}
	if p.Required {
		return c.Faults.BadRequest.At(p.Name, "%s is required", p.Name)
	}
	return nil
}

// checkForm goes by the order of the parts, as a server does that reads them
// one after the other.
func checkForm(c *Contract, body *Body, in Input, files []FilePart) error {
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
	return CheckOneOf(body.Schema.OneOf, given, &c.Faults)
}

func checkPart(c *Contract, s *Schema, f Field) error {
	for _, p := range s.Properties {
		if p.Name == f.Name {
			return CheckText(p.Schema, p.Name, f.Value, &c.Faults)
		}
	}
	return nil
}

// checkSize holds a file whose size is known against its limit.
func checkSize(c *Contract, s *Schema, part FilePart) error {
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

func fieldsOf(c *Contract, in Input) ([]Field, error) {
	var fields Fields
	in.AppendFields(&fields)
	if fields.Err != nil {
		return nil, c.Faults.BadRequest.With("%s", fields.Err)
	}
	return fields.List, nil
}
