package ir

import "time"

// Schema is what a value must satisfy; the zero value of a limit means none.
// It mirrors contract.Schema.
type Schema struct {
	// Ref is the Go variable of a [NamedSchema]; when set, the rest is empty.
	Ref                  string
	Type                 string // the suffix of the constant in package contract: "String"
	Nullable             bool
	Format               string
	Enum                 []string
	MinLength, MaxLength int
	Pattern              string // the Go variable of a [Pattern]
	Minimum, Maximum     *float64
	MaxBytes             int64
	Window               *Window
	MinItems, MaxItems   int
	Items                *Schema
	Properties           []Property
	Open                 bool
	OneOf                []string
	Refusals             []Refusal
	// Violation is the Go name of a catalogue entry.
	Violation string
}

// Property is a member of an object or a part of a form.
type Property struct {
	Wire     string
	Required bool
	Schema   Schema
}

// Refusal is a combination of values that is refused for sure.
type Refusal struct {
	When  []Match
	Error string // the Go name of a catalogue entry
	Why   string
}

// Match is a property whose text matches a pattern.
type Match struct {
	Wire    string
	Pattern string // the Go variable of a [Pattern]
}

// Pattern is a regular expression, compiled. It mirrors contract.Pattern.
type Pattern struct {
	Var, Text string
	Steps     []Step
}

// Step is a place in a [Pattern], and what is done there.
type Step struct {
	Kind     string // the suffix of the constant in package contract: "Rune"
	Runes    string
	Next, Or int
}

// Window is the range in which a time must lie, relative to now.
type Window struct {
	Min, Max, Default time.Duration
}

// NamedSchema is a schema with a Go variable of its own.
type NamedSchema struct {
	Var    string // "schemaVariantOptions"
	GoName string // the component's Go type: "VariantOptions"
	Schema Schema
}

// MaxBytes is the constant of package api for the limit of a [NamedSchema.LimitedObject].
func (s NamedSchema) MaxBytes() string { return s.GoName + "MaxBytes" }

// LimitedObject reports whether the schema is a free-form object with a limit
// in bytes.
func (s NamedSchema) LimitedObject() bool {
	return s.Schema.Type == "Object" && s.Schema.Open && len(s.Schema.Properties) == 0 && s.Schema.MaxBytes > 0
}
