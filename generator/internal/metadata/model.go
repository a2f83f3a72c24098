// Package metadata writes a Go package from the JSON Schema of a user's own
// metadata: a struct with conversions, and filters typed by field.
package metadata

import (
	"fmt"

	"github.com/cfimages/cfimages/generator/internal/ext"
	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
)

// Service is what the specification of the API says about metadata.
type Service struct {
	Filter *ir.Filter
	// Sent and Stored are the types of package api for metadata on its way to
	// the service and back, Limit is the constant for the most bytes sent.
	Sent, Stored, Limit string
}

// ServiceOf finds what an API says about metadata: its filter, its free-form
// object with a limit in bytes, and its free-form object that is received as it
// is.
func ServiceOf(doc *load.Document, api *ir.API) (Service, error) {
	s := Service{Filter: api.Filter}
	var sent, stored []string
	for _, n := range api.Schemas {
		if n.LimitedObject() {
			sent = append(sent, n.GoName)
			s.Limit = n.MaxBytes()
		}
	}
	for _, c := range doc.Components() {
		if c.Free() && c.Node.Get(ext.KeyRaw).Ok() {
			stored = append(stored, goname.Exported(c.Ref))
		}
	}
	if s.Filter == nil || len(sent) != 1 || len(stored) != 1 {
		return s, fmt.Errorf("%s: metadata needs one %s, one free-form object with %s and one with %s",
			doc.Path, ext.KeyFilter, ext.KeyMaxBytes, ext.KeyRaw)
	}
	s.Sent, s.Stored = sent[0], stored[0]
	return s, nil
}

// Model is a package to write: all names and types are final.
type Model struct {
	Package string
	// Source is the schema's file, as the generated one names it.
	Source string
	// Structs are in the order of the text; the first is the metadata itself.
	Structs []Struct
	Enums   []Enum
	Handles []Handle
	Service Service
}

// Struct is the Go type of an object.
type Struct struct {
	GoName, Doc string
	Members     []Member
}

// Member is a field of a Go struct.
type Member struct {
	Wire, GoName, Doc string
	Type              Type
	Pointer, Optional bool
}

// Type is a Go type: a basic one or one of the package, or a list of either.
type Type struct {
	Name string
	List bool
}

// Enum is the Go type of a text of which all values are known.
type Enum struct {
	GoName, Doc string
	Values      []Value
}

// Value is one of the values of an enum.
type Value struct {
	GoName, Wire string
}

// Handle makes filter terms about one field, or holds the handles below it.
type Handle struct {
	GoName, Path, Doc string
	// Field is the generic type of package filter: "StringListField".
	Field string
	// Of is its type argument.
	Of string
	// Group is the Go type that holds Below, for an object.
	Group string
	Below []Handle
}
