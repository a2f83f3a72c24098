// Package form reads multipart/form-data bodies and checks them against the
// contract while they arrive; [contract.EncodeForm] writes them. A small file is
// held in memory, a large one handed on as it comes or kept in a temporary file.
package form

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Options say how a form is read. The zero value takes what the service takes.
type Options struct {
	// Lenient takes what the service is known to refuse: an object spread over
	// parts such as "metadata.key", a file under a name that the schema does not
	// know, and a form without parts. [Values.Warnings] tells what was taken.
	Lenient bool
	// Spool keeps every file until the form is complete, in memory up to so many
	// bytes and in a temporary file beyond, so that parts may come in any order
	// whatever their size. With 0 that is done only for a file that comes before
	// all texts; see [Decode].
	Spool int64
	// MaxText limits a text whose schema has no larger limit, in bytes; 64 KiB by
	// default.
	MaxText int64
	// MaxParts limits the parts of a form; 1000 by default.
	MaxParts int
	// MaxHeader limits the header of a part, in bytes; 8 KiB by default, 32 KiB at
	// most.
	MaxHeader int
}

func (o Options) withDefaults() Options {
	if o.MaxText <= 0 {
		o.MaxText = 64 << 10
	}
	if o.MaxParts <= 0 {
		o.MaxParts = 1000
	}
	if o.MaxHeader <= 0 {
		o.MaxHeader = 8 << 10
	}
	return o
}

// Decode reads a form and checks it against the body's schema: every text, the
// size of every file, the required parts and the exclusive ones. The error is a
// [*contract.Error], and at the first one reading stops.
//
// A property of type Binary is a file whether or not it has a filename. A file
// that fits into the window through which a form is read, 32 KiB, is held in
// memory. A larger one is handed on while it arrives when nothing can follow it
// that the schema knows, or when a text came before it: a program that sends texts
// first sends all of them first. A text that follows nevertheless makes the
// reading of the file fail. Any other file is kept in a temporary file until the
// form is complete. A file larger than its schema's MaxBytes is answered with the
// schema's Violation or f.TooLarge.
//
// A part that occurs twice, a file under a name the schema does not know, and an
// object spread over parts are bad requests; other unknown texts are ignored. A
// form without any part gives empty Values when the schema demands nothing. A form
// that breaks off is a bad request.
//
// The values must be closed. Where a file is handed on, [Values.Finish] says
// whether the form was right to its end.
func Decode(src io.Reader, boundary string, body *contract.Body, f *contract.Faults, opt Options) (*Values, error) {
	opt = opt.withDefaults()
	d := &decoder{schema: body.Schema, faults: f, opt: opt, parts: newParts(src, boundary, opt.MaxHeader)}
	d.values.decoder = d
	if err := d.read(); err != nil {
		d.values.Close()
		return nil, err
	}
	return &d.values, nil
}

type decoder struct {
	schema   *contract.Schema
	faults   *contract.Faults
	opt      Options
	parts    *parts
	values   Values
	exploded []fragment // of objects that were spread over parts
}

// read reads up to the end of the form, or to a file that is handed on.
func (d *decoder) read() error {
	for d.values.arriving == nil {
		h, err := d.parts.next()
		if err == io.EOF {
			return d.finish()
		}
		if err != nil {
			return d.broken(err)
		}
		if err := d.part(h); err != nil {
			return err
		}
	}
	return nil
}

// rest reads what follows a file that was handed on.
func (d *decoder) rest() error {
	for {
		h, err := d.parts.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return d.broken(err)
		}
		if err := d.late(h); err != nil {
			return err
		}
	}
}

// broken is the error for a form that cannot be read on.
func (d *decoder) broken(cause error) *contract.Error {
	e := d.faults.BadRequest.With("the form is malformed or incomplete")
	_, limited := errors.AsType[*http.MaxBytesError](cause)
	if limited || errors.Is(cause, errHeader) {
		e = d.faults.TooLarge.New()
	}
	e.Err = cause
	return e
}

// begin counts a part and reads its name.
func (d *decoder) begin(h header) (disposition, error) {
	if d.values.parts++; d.values.parts > d.opt.MaxParts {
		return disposition{}, d.faults.BadRequest.With("the form has more than %d parts", d.opt.MaxParts)
	}
	disp, ok := parseDisposition(h.disposition)
	if !ok {
		return disp, d.faults.BadRequest.With("a part of the form has no valid name")
	}
	return disp, nil
}

func (d *decoder) part(h header) error {
	disp, err := d.begin(h)
	if err != nil {
		return err
	}
	prop := d.property(disp.name)
	switch {
	case prop == nil:
		return d.unknown(h, disp)
	case d.values.find(disp.name) != nil:
		return d.twice(disp.name)
	case prop.Schema.Type == contract.TypeBinary:
		return d.file(h, disp, prop)
	default:
		return d.text(disp.name, prop.Schema)
	}
}

// late checks a part after a file that was handed on.
func (d *decoder) late(h header) error {
	disp, err := d.begin(h)
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(disp.name, ".")
	switch {
	case d.values.find(disp.name) != nil:
		return d.twice(disp.name)
	case d.property(disp.name) != nil:
		if err := contract.CheckOneOf(d.schema.OneOf, append(d.given(), disp.name), d.faults); err != nil {
			return err
		}
		return d.tooLate(disp.name)
	case d.opt.Lenient && d.property(name) != nil:
		return d.tooLate(name)
	default:
		return d.unknown(h, disp)
	}
}

func (d *decoder) twice(name string) error {
	return d.faults.BadRequest.At(name, "%s is given more than once", name)
}

func (d *decoder) tooLate(name string) error {
	return d.faults.BadRequest.At(name, "%s: must come before the file, as other parts of this form do", name)
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
func (d *decoder) unknown(h header, disp disposition) error {
	if disp.isFile {
		return d.stranger(h, disp)
	}
	if path := spread(disp.name); len(path) > 1 {
		if prop := d.property(path[0]); prop != nil && prop.Schema.Type == contract.TypeObject {
			return d.piece(disp.name, path)
		}
	}
	_, err := d.content(d.opt.MaxText, d.faults.TooLarge)
	return err
}

func (d *decoder) text(name string, s *contract.Schema) error {
	b, err := d.content(max(d.opt.MaxText, s.MaxBytes), either(s.Violation, d.faults.BadRequest))
	if err != nil {
		return at(err, name)
	}
	text := string(b)
	if err := contract.CheckText(s, name, text, d.faults); err != nil {
		return err
	}
	d.values.add(value{name: name, text: text})
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
func at(err error, name string) error {
	if e, ok := errors.AsType[*contract.Error](err); ok {
		e.Messages[0].Source = &contract.Source{Pointer: name}
	}
	return err
}

// content returns a part's content if it has at most limit bytes, and an error
// of the given kind if it has more. It is valid until the form is read on.
func (d *decoder) content(limit int64, tooLong *contract.ErrorKind) ([]byte, error) {
	b, ok, err := d.parts.whole()
	switch {
	case err != nil:
		return nil, d.broken(err)
	case ok && int64(len(b)) > limit:
		return nil, tooLong.New()
	case ok:
		return b, nil
	}
	var long bytes.Buffer
	err = d.copy(&long, limit, tooLong)
	return long.Bytes(), err
}

// copy writes a part's content; 0 means that there is no limit.
func (d *decoder) copy(w io.Writer, limit int64, tooLong *contract.ErrorKind) error {
	for n := int64(0); ; {
		b, err := d.parts.content()
		switch n += int64(len(b)); {
		case err == io.EOF:
			return nil
		case err != nil:
			return d.broken(err)
		case limit > 0 && n > limit:
			return tooLong.New()
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
}

func (d *decoder) given() []string {
	given := make([]string, 0, 8)
	for _, v := range d.values.list {
		given = append(given, v.name)
	}
	return given
}

// finish checks what only the whole form can tell.
func (d *decoder) finish() error {
	if err := d.assemble(); err != nil {
		return err
	}
	for i := range d.schema.Properties {
		p := &d.schema.Properties[i]
		if p.Required && d.values.find(p.Name) == nil {
			return d.faults.BadRequest.At(p.Name, "%s is required", p.Name)
		}
	}
	if len(d.schema.OneOf) == 0 {
		return nil
	}
	return contract.CheckOneOf(d.schema.OneOf, d.given(), d.faults)
}
