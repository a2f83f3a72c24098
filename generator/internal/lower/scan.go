package lower

import (
	"regexp"

	"github.com/cfimages/cfimages/generator/internal/ext"
	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
)

// What package contract calls things.
const (
	scanMethod     = "ScanJSON"
	scanAny        = "Any"
	scanMaxMembers = 64
)

// answered notes a schema that an operation answers.
func (l *lowering) answered(s load.Schema) {
	l.root(s)
	l.results = append(l.results, s)
}

// scans lists how the models are read that answers hold.
func (l *lowering) scans() {
	reached := map[string]bool{}
	for _, s := range l.results {
		reach(s, reached)
	}
	for _, c := range l.doc.Components() {
		if reached[c.Ref] && scannable(c) {
			l.api.Scans = append(l.api.Scans, scan(c))
		}
	}
}

// plainName is a name that encoding/json takes from a tag as it is.
var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// scannable reports whether the schema is a Go struct that can have the method.
func scannable(s load.Schema) bool {
	members := s.Members()
	for _, p := range members {
		if !plainName.MatchString(p.Name) || goname.Exported(p.Name) == scanMethod {
			return false
		}
	}
	return s.Is("object") && s.Ref != "" && len(members) > 0 && len(members) <= scanMaxMembers
}

func scan(s load.Schema) ir.Scan {
	out := ir.Scan{Type: goname.Exported(s.Ref)}
	for _, p := range s.Members() {
		m := ir.ScanMember{Read: scanAny}
		switch {
		case p.Is("array"):
			m = held(ir.ScanSlice, p, p.Item())
		case p.Is("object") && p.Values().Ok():
			m = held(ir.ScanMap, p, p.Values())
		case pointer(p) && !p.Free():
			m = held(ir.ScanPointer, p, p.Schema)
		default:
			m.Read, m.Model = scanValue(p.Schema)
		}
		m.Wire, m.Field = p.Name, goname.Exported(p.Name)
		out.Members = append(out.Members, m)
	}
	return out
}

// held is a member whose holder is no pointee itself and holds no pointers;
// encoding/json reads the others.
func held(h ir.ScanHolder, p load.Property, s load.Schema) ir.ScanMember {
	read, model := scanValue(s)
	twice := h != ir.ScanPointer && (pointer(p) || s.Nullable)
	if read == scanAny || twice {
		return ir.ScanMember{Read: scanAny}
	}
	return ir.ScanMember{Holder: h, Read: read, Model: model}
}

// scanValue returns the function that reads a value, or the model that it is.
func scanValue(s load.Schema) (read, model string) {
	switch {
	case s.Is("string") && (s.Format == "" || s.Format == "uri"):
		return "String", ""
	case s.Is("string") && s.Format == "date-time":
		return "Time", ""
	case s.Is("integer"):
		return "Int", ""
	case s.Is("number"):
		return "Float", ""
	case s.Is("boolean"):
		return "Bool", ""
	case s.Free():
		if raw, _ := ext.Get[bool](s.Node, ext.KeyRaw); raw {
			return "Raw", ""
		}
	case scannable(s):
		return "", goname.Exported(s.Ref)
	}
	return scanAny, ""
}
