package form

import (
	"strconv"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Values are the parts of a form that was read. Texts have been checked
// against their schemas, so the accessors return no errors; they return the
// zero value for a part that is absent. A nil *Values has no parts.
//
// Values of a form that was received must be closed.
type Values struct {
	list     []value
	room     [8]value
	parts    int // all parts, also those the schema does not know
	warnings []*contract.Error
	decoder  *decoder  // nil for values of anything but a form
	arriving *received // a file that is handed on while it arrives
	spools   []*spooled
}

type value struct {
	name, text string
	file       *contract.File // nil for a text
}

// Empty reports whether the form had no part at all, not even an unknown one.
func (v *Values) Empty() bool { return v == nil || v.parts == 0 }

// Add adds a text that has been checked.
func (v *Values) Add(name, text string) { v.add(value{name: name, text: text}) }

func (v *Values) add(p value) {
	if v.list == nil {
		v.list = v.room[:0]
	}
	v.list = append(v.list, p)
}

// Warnings are what a stricter reader would have answered.
func (v *Values) Warnings() []*contract.Error {
	if v == nil {
		return nil
	}
	return v.warnings
}

// Finish reads the rest of a form whose file was handed on, and returns what is
// wrong with it. Nothing is left to be read of any other form.
func (v *Values) Finish() error {
	if v == nil || v.arriving == nil {
		return nil
	}
	return v.arriving.finish()
}

// Failed returns what was found wrong while a file that was handed on was read.
// Its reader may have been told something else.
func (v *Values) Failed() error {
	if v == nil || v.arriving == nil {
		return nil
	}
	return v.arriving.failed()
}

// Close removes what was kept of the form. Files in it cannot be read any more.
func (v *Values) Close() {
	if v == nil || v.decoder == nil {
		return
	}
	if v.arriving == nil || v.arriving.detach() {
		v.decoder.parts.release()
	}
	for _, s := range v.spools {
		_ = s.Close()
	}
	v.decoder, v.spools = nil, nil
}

func (v *Values) find(name string) *value {
	if v == nil {
		return nil
	}
	for i := range v.list {
		if v.list[i].name == name {
			return &v.list[i]
		}
	}
	return nil
}

// Text returns a text.
func (v *Values) Text(name string) string {
	if p := v.find(name); p != nil {
		return p.text
	}
	return ""
}

// TextPtr returns a text, nil when it is absent.
func (v *Values) TextPtr(name string) *string {
	p := v.find(name)
	if p == nil || p.file != nil {
		return nil
	}
	return new(p.text)
}

// Int returns an integer.
func (v *Values) Int(name string) int64 {
	n, _ := strconv.ParseInt(v.Text(name), 10, 64)
	return n
}

// IntPtr returns an integer, nil when it is absent.
func (v *Values) IntPtr(name string) *int64 {
	if v.find(name) == nil {
		return nil
	}
	return new(v.Int(name))
}

// FloatPtr returns a number, nil when it is absent.
func (v *Values) FloatPtr(name string) *float64 {
	p := v.find(name)
	if p == nil {
		return nil
	}
	f, _ := strconv.ParseFloat(p.text, 64)
	return &f
}

// Bool returns a flag.
func (v *Values) Bool(name string) bool { return v.Text(name) == "true" }

// BoolPtr returns a flag, nil when it is absent.
func (v *Values) BoolPtr(name string) *bool {
	if v.find(name) == nil {
		return nil
	}
	return new(v.Bool(name))
}

// Time returns a moment that was written in RFC 3339.
func (v *Values) Time(name string) time.Time {
	t, _ := time.Parse(time.RFC3339, v.Text(name))
	return t
}

// Object returns a JSON object, nil when it is absent.
func (v *Values) Object(name string) contract.Object {
	return contract.RawObject(v.Text(name)).Map()
}

// File returns a file, nil when it is absent. Its type is the one its sender
// stated, or else the one detected.
func (v *Values) File(name string) *contract.File {
	if p := v.find(name); p != nil {
		return p.file
	}
	return nil
}
