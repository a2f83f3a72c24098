package form

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Limits of what is read, beside those of the schema.
const (
	maxParts = 1000
	maxText  = 64 << 10 // bytes of a text part
)

// Decode reads a whole form and checks it against the body's schema: every
// text, the size of every file, the required parts and the exclusive ones. The
// error is a [*contract.Error], and at the first one reading stops.
//
// A property of type Binary is a file whether or not it has a filename, and is
// held in memory. A file larger than its schema's MaxBytes is answered with the
// schema's Violation or f.TooLarge. A part that occurs twice, a file under a
// name the schema does not know, and an object spread over parts such as
// "metadata.key" are bad requests; other unknown texts are ignored. A form
// without any part gives empty Values when the schema demands nothing.
//
// A form that breaks off is a bad request, provided that the reader was made
// of a body that went through [Whole].
func Decode(r *multipart.Reader, body *contract.Body, f *contract.Faults) (*Values, error) {
	d := decoder{schema: body.Schema, faults: f, values: &Values{}}
	for {
		part, err := r.NextRawPart()
		if err == io.EOF { // wrapped, it would be a form that breaks off
			return d.values, d.finish()
		}
		if err != nil {
			return nil, d.broken(err)
		}
		if err := d.part(part); err != nil {
			return nil, err
		}
	}
}

type decoder struct {
	schema *contract.Schema
	faults *contract.Faults
	values *Values
}

// broken is the error for a form that cannot be read on.
func (d *decoder) broken(cause error) *contract.Error {
	e := d.faults.BadRequest.With("the form is malformed or incomplete")
	_, limited := errors.AsType[*http.MaxBytesError](cause)
	if limited || errors.Is(cause, multipart.ErrMessageTooLarge) {
		e = d.faults.TooLarge.New()
	}
	e.Err = cause
	return e
}

func (d *decoder) part(p *multipart.Part) error {
	if d.values.parts++; d.values.parts > maxParts {
		return d.faults.BadRequest.With("the form has more than %d parts", maxParts)
	}
	disp, ok := parseDisposition(p.Header.Get("Content-Disposition"))
	if !ok {
		return d.faults.BadRequest.With("a part of the form has no valid name")
	}
	prop := d.property(disp.name)
	switch {
	case prop == nil:
		return d.unknown(p, disp)
	case d.values.find(disp.name) != nil:
		return d.faults.BadRequest.At(disp.name, "%s is given more than once", disp.name)
	case prop.Schema.Type == contract.TypeBinary:
		return d.file(p, disp, prop.Schema)
	default:
		return d.text(p, disp.name, prop.Schema)
	}
}

func (d *decoder) property(name string) *contract.Property {
	for i := range d.schema.Properties {
		if d.schema.Properties[i].Name == name {
			return &d.schema.Properties[i]
		}
	}
	return nil
}

// unknown handles a part that is not in the schema.
func (d *decoder) unknown(p *multipart.Part, disp disposition) error {
	if disp.isFile {
		return d.faults.BadRequest.At(disp.name, "%s is not a file of this form", disp.name)
	}
	if object, _, dotted := strings.Cut(disp.name, "."); dotted {
		if prop := d.property(object); prop != nil && prop.Schema.Type == contract.TypeObject {
			return d.faults.BadRequest.At(object, "Bad request: Error parsing form fields")
		}
	}
	if _, err := d.read(p, maxText, d.faults.TooLarge); err != nil {
		return err
	}
	return nil
}

func (d *decoder) text(p *multipart.Part, name string, s *contract.Schema) error {
	b, err := d.read(p, max(maxText, s.MaxBytes), either(s.Violation, d.faults.BadRequest))
	if err != nil {
		return at(err, name)
	}
	if err := contract.CheckText(s, name, string(b), d.faults); err != nil {
		return err
	}
	d.values.list = append(d.values.list, value{name: name, text: string(b)})
	return nil
}

func (d *decoder) file(p *multipart.Part, disp disposition, s *contract.Schema) error {
	b, err := d.read(p, s.MaxBytes, either(s.Violation, d.faults.TooLarge))
	if err != nil {
		return at(err, disp.name)
	}
	f := Bytes(disp.filename, b).WithType(p.Header.Get("Content-Type"))
	d.values.list = append(d.values.list, value{name: disp.name, file: f})
	return nil
}

// either returns the error a schema names, or another when it names none.
func either(violation, other *contract.ErrorKind) *contract.ErrorKind {
	if violation != nil {
		return violation
	}
	return other
}

// at names the part that caused an error.
func at(e *contract.Error, name string) error {
	e.Messages[0].Source = &contract.Source{Pointer: name}
	return e
}

// read returns a part's content if it has at most limit bytes, and an error of
// the given kind if it has more; 0 means that there is no limit.
func (d *decoder) read(p *multipart.Part, limit int64, tooLong *contract.ErrorKind) ([]byte, *contract.Error) {
	var r io.Reader = p
	if limit > 0 {
		r = io.LimitReader(p, limit+1)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, d.broken(err)
	}
	if limit > 0 && int64(len(b)) > limit {
		return nil, tooLong.New()
	}
	return b, nil
}

// finish checks what only the whole form can tell.
func (d *decoder) finish() error {
	var given []string
	for _, v := range d.values.list {
		given = append(given, v.name)
	}
	for _, p := range d.schema.Properties {
		if p.Required && d.values.find(p.Name) == nil {
			return d.faults.BadRequest.At(p.Name, "%s is required", p.Name)
		}
	}
	return contract.CheckOneOf(d.schema.OneOf, given, d.faults)
}
