package form

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
)

// tolerate notes what the service would have answered, if the form is read
// leniently; otherwise it is the answer.
func (d *decoder) tolerate(refusal *contract.Error) error {
	if !d.opt.Lenient {
		return refusal
	}
	d.values.warnings = append(d.values.warnings, refusal)
	return nil
}

// stranger handles a file under a name that the schema does not know. Some
// clients name every file in their own way, such as "anonymous_file".
func (d *decoder) stranger(h header, disp disposition) error {
	if err := d.tolerate(d.faults.BadRequest.At(disp.name, "%s is not a file of this form", disp.name)); err != nil {
		return err
	}
	var meant *contract.Property
	for i := range d.schema.Properties {
		p := &d.schema.Properties[i]
		if p.Schema.Type == contract.TypeBinary && d.values.find(p.Name) == nil {
			meant = p
			break
		}
	}
	if meant == nil || d.values.arriving != nil {
		return d.copy(io.Discard, d.opt.MaxText, d.faults.TooLarge)
	}
	return d.file(h, disp, meant)
}

// fragment is a member of an object that was spread over parts.
type fragment struct {
	part string
	path []string
	text string
}

// spread returns the path that the name of such a part is: "object.key.key" as
// some clients write it, "object[key][key]" as others do.
//
// [observed] The service refuses the first. [assumed] It refuses the second.
func spread(name string) []string {
	object, rest, bracketed := strings.Cut(name, "[")
	if !bracketed {
		return strings.Split(name, ".")
	}
	keys, closed := strings.CutSuffix(rest, "]")
	if !closed {
		return nil
	}
	return append([]string{object}, strings.Split(keys, "][")...)
}

// piece handles a part of an object that was spread over parts.
func (d *decoder) piece(name string, path []string) error {
	if err := d.tolerate(d.faults.BadRequest.At(path[0], "Bad request: Error parsing form fields")); err != nil {
		return err
	}
	b, err := d.content(d.opt.MaxText, d.faults.TooLarge)
	if err == nil {
		d.exploded = append(d.exploded, fragment{name, path, string(b)})
	}
	return err
}

// assemble puts objects that were spread over parts together. A text that is a
// JSON number or boolean becomes one, since nothing else is left of its type.
func (d *decoder) assemble() error {
	objects := map[string]map[string]any{}
	for _, v := range d.exploded {
		object := v.path[0]
		if objects[object] == nil {
			objects[object] = map[string]any{}
		}
		if !put(objects[object], v.path[1:], v.text) {
			return d.twice(v.part)
		}
	}
	for name, members := range objects {
		if d.values.find(name) != nil {
			return d.twice(name)
		}
		text, err := contract.Object(members).MarshalJSON()
		if err != nil {
			return d.faults.BadRequest.At(name, "%s: %s", name, err)
		}
		if err := contract.CheckText(d.property(name).Schema, name, string(text), d.faults); err != nil {
			return err
		}
		d.values.add(value{name: name, text: string(text)})
	}
	d.exploded = nil
	return nil
}

// put sets a member at a path of names; false when there is one.
func put(object map[string]any, path []string, text string) bool {
	name := path[0]
	old, taken := object[name]
	if len(path) == 1 {
		object[name] = scalar(text)
		return !taken
	}
	inner, ok := old.(map[string]any)
	if !taken {
		inner, ok = map[string]any{}, true
		object[name] = inner
	}
	return ok && put(inner, path[1:], text)
}

func scalar(text string) any {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil || dec.InputOffset() != int64(len(text)) {
		return text
	}
	switch v.(type) {
	case json.Number, bool:
		return v
	default:
		return text
	}
}
