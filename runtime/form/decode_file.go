package form

import (
	"bytes"
	"slices"

	"github.com/cfimages/cfimages/runtime/contract"
)

// file reads a file, or hands it on while it arrives.
func (d *decoder) file(h header, disp disposition, p *contract.Property) error {
	kind := either(p.Schema.Violation, d.faults.TooLarge)
	tooLong := func() error { return at(kind.New(), p.Name) }
	b, ok, err := d.parts.whole()
	if err != nil {
		return d.broken(err)
	}
	if ok {
		if p.Schema.MaxBytes > 0 && int64(len(b)) > p.Schema.MaxBytes {
			return tooLong()
		}
		d.keep(p, contract.Owned(disp.filename, bytes.Clone(b)).WithType(h.contentType))
		return nil
	}
	if h.contentType == "" {
		h.contentType = contract.DetectType(d.parts.held())
	}
	if d.last(p) {
		if err := d.assemble(); err != nil {
			return err
		}
		r := &received{decoder: d, limit: p.Schema.MaxBytes, tooLong: tooLong}
		d.keep(p, contract.Arriving(disp.filename, r.open).WithType(h.contentType))
		d.values.arriving = r
		return nil
	}
	s := &spooled{memory: d.opt.Spool}
	d.values.spools = append(d.values.spools, s)
	if err := d.copy(s, p.Schema.MaxBytes, kind); err != nil {
		return at(err, p.Name)
	}
	f, err := s.content(disp.filename)
	if err == nil {
		d.keep(p, f.WithType(h.contentType))
	}
	return err
}

func (d *decoder) keep(p *contract.Property, f *contract.File) {
	d.values.add(value{name: p.Name, file: f})
}

// last reports whether a file is taken for the last part of the form, see
// [Decode].
func (d *decoder) last(file *contract.Property) bool {
	texts, open := false, false
	for i := range d.schema.Properties {
		p := &d.schema.Properties[i]
		given := d.values.find(p.Name) != nil
		switch {
		case p == file:
		case p.Schema.Type == contract.TypeBinary, p.Required && !given:
			return false
		case given:
			texts = true
		case !d.excludes(file.Name, p.Name):
			open = true
		}
	}
	one := contract.OneOfViolation(d.schema.OneOf, append(d.given(), file.Name)) == ""
	return one && (!open || d.opt.Spool == 0 && (texts || len(d.exploded) > 0))
}

// excludes reports whether two properties must not be given together.
func (d *decoder) excludes(a, b string) bool {
	return slices.Contains(d.schema.OneOf, a) && slices.Contains(d.schema.OneOf, b)
}
