package contract

// Refusal is a combination of values that the service refuses for sure, though no
// limit of a schema says so. A client does not send it.
type Refusal struct {
	// When are the values; all of them must be there.
	When  []Match
	Error *ErrorKind
	// Why completes the error's message; it may be empty.
	Why string
}

// Message is what the error says.
func (r *Refusal) Message() string {
	if r.Why == "" {
		return r.Error.Message
	}
	return r.Error.Message + ": " + r.Why
}

// Match is a field whose text matches a pattern.
type Match struct {
	Name    string
	Pattern *Pattern
}

// Met reports whether all values are there.
func (r *Refusal) Met(fields []Field) bool {
	for i := range r.When {
		if !r.When[i].among(fields) {
			return false
		}
	}
	return true
}

func (m *Match) among(fields []Field) bool {
	for _, f := range fields {
		if f.Name == m.Name {
			return m.Pattern.Match(f.Value)
		}
	}
	return false
}
