package contract

// Type is the type of a value.
type Type int

// The types of values.
const (
	TypeAny Type = iota
	TypeString
	TypeInteger
	TypeNumber
	TypeBoolean
	TypeObject
	TypeArray
	TypeBinary // a file part of a form
)

// Schema is what the specification demands of a value. The zero value of a
// limit means that there is none.
type Schema struct {
	Type     Type
	Nullable bool
	// Format is "date-time", "uri" or empty.
	Format string
	Enum   []string
	// MinLength and MaxLength count characters.
	MinLength, MaxLength int
	// Pattern must match the text.
	Pattern          *Pattern
	Minimum, Maximum *float64
	// MaxBytes limits a file, or the JSON text of an object.
	MaxBytes           int64
	Window             *Window
	MinItems, MaxItems int
	Items              *Schema
	Properties         []Property
	// OneOf names properties of which exactly one must be given.
	OneOf []string
	// Refusals are combinations of values that the service refuses for sure,
	// beside what the properties exclude. Servers leave them to the implementation.
	Refusals []Refusal
	// Violation is the error answered when this schema is violated; nil means
	// the contract's BadRequest.
	Violation *ErrorKind
}

// Property is a member of an object or a part of a form.
type Property struct {
	Name     string
	Required bool
	Schema   *Schema
}

// Limit returns a pointer to f, for the limits of a [Schema].
func Limit(f float64) *float64 { return &f }

// Property returns the schema of a member or a part, nil when there is none of
// that name.
func (s *Schema) Property(name string) *Schema {
	for _, p := range s.Properties {
		if p.Name == name {
			return p.Schema
		}
	}
	return nil
}
