package metafilter

// Grammar is the filter language of one API; generated code fills it from the specification. It must not change after
// its first use. A limit of zero means no limit.
type Grammar struct {
	Prefix      string // first part of a parameter name, "meta"
	MaxTerms    int    // filter parameters of one request
	MaxLevels   int    // segments of a path
	MaxElements int    // operands of a list operator
	MaxPath     int    // characters of a path, dots included, prefix excluded
	Segment     string // characters a segment may have besides ASCII letters and digits
	Separator   string // between the operands of a list operator
	Operators   []Operator
}

// Operator is one word between the brackets.
type Operator struct {
	Name  string // as on the wire, without a type: "eq"
	Match Match  // what it asks of a value
	List  bool   // takes operands joined by the grammar's Separator
	Types []Type // the types it takes as a suffix, in the order of the specification
}

// Match is what an operator asks of a metadata value; the package documentation defines each.
type Match int

// The questions an operator can ask.
const (
	MatchEqual Match = iota
	MatchNotEqual
	MatchLess
	MatchLessEqual
	MatchGreater
	MatchGreaterEqual
	MatchPrefix
)

// searchesArrays reports whether the question is also put to the elements of an array.
func (m Match) searchesArrays() bool {
	return m == MatchEqual || m == MatchNotEqual || m == MatchPrefix
}

// Type is the type of an operand, and the suffix of an operator on the wire.
type Type int

// The operand types. Untyped, the zero value, has no suffix.
const (
	Untyped Type = iota
	String
	Number
	Boolean
)

var typeNames = [...]string{Untyped: "", String: "string", Number: "number", Boolean: "boolean"}

// String gives the wire name of the type, "" for Untyped.
func (t Type) String() string {
	if t < 0 || int(t) >= len(typeNames) {
		return "invalid"
	}
	return typeNames[t]
}

// typeNamed finds the type of a wire suffix; Untyped has none and is never found.
func typeNamed(name string) (Type, bool) {
	for t := String; t <= Boolean; t++ {
		if typeNames[t] == name {
			return t, true
		}
	}
	return Untyped, false
}

// operator finds an operator by its bare name, nil when there is none.
func (g *Grammar) operator(name string) *Operator {
	for i := range g.Operators {
		if g.Operators[i].Name == name {
			return &g.Operators[i]
		}
	}
	return nil
}

// takes reports whether t may follow the operator; no suffix is always fine.
func (o *Operator) takes(t Type) bool {
	for _, have := range o.Types {
		if have == t {
			return true
		}
	}
	return t == Untyped
}

// meaning is the type by which operands declared as t compare.
func (o *Operator) meaning(t Type) Type {
	if t == Untyped && len(o.Types) == 1 {
		return o.Types[0]
	}
	return t
}
