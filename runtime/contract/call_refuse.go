package contract

import (
	"bytes"
	"encoding/json"
	"time"
)

// clockSkew is how wrong a caller's clock may be before a time that the service
// would accept is refused.
const clockSkew = time.Minute

// RefuseForm returns what the service would answer to a form that it refuses for
// sure, nil for any other. It is less than [Request.Check]: what a later version
// of the service may accept, such as a new value of an enum, is not refused. The files
// are those that are given: [Request.Parts].
func RefuseForm(c *Contract, body *Body, fields []Field, files []FilePart, now time.Time) *Error {
	for _, f := range fields {
		s := body.Schema.Property(f.Name)
		if s == nil || len(s.Enum) > 0 {
			continue
		}
		if err := CheckText(s, f.Name, f.Value, &c.Faults); err != nil {
			return asError(err)
		}
		if err := checkWindow(c, s, f, now); err != nil {
			return err
		}
	}
	for _, p := range files {
		if err := checkSize(c, body.Schema, p); err != nil {
			return asError(err)
		}
	}
	if err := CheckOneOf(body.Schema.OneOf, given(fields, files), &c.Faults); err != nil {
		return asError(err)
	}
	return refuseTogether(body.Schema.Refusals, fields)
}

// RefuseJSON is [RefuseForm] for a body of JSON: members that are too long are
// refused.
func RefuseJSON(c *Contract, body *Body, text []byte) *Error {
	if int64(len(text)) > MaxJSON {
		return c.Faults.TooLarge.New()
	}
	var members map[string]json.RawMessage
	for _, p := range body.Schema.Properties {
		limit := p.Schema.MaxBytes
		if p.Schema.Type != TypeObject || limit == 0 || int64(len(text)) <= limit {
			continue // it cannot be longer than the body
		}
		if members == nil && json.Unmarshal(text, &members) != nil {
			return nil
		}
		if m := members[p.Name]; m != nil && !bytes.Equal(m, []byte("null")) {
			if err := CheckText(p.Schema, p.Name, string(m), &c.Faults); err != nil {
				return asError(err)
			}
		}
	}
	return nil
}

func checkWindow(c *Contract, s *Schema, f Field, now time.Time) *Error {
	at, err := time.Parse(time.RFC3339, f.Value)
	if s.Window == nil || err != nil {
		return nil
	}
	early, late := now.Add(s.Window.Min-clockSkew), now.Add(s.Window.Max+clockSkew)
	if at.Before(early) || at.After(late) {
		return c.Faults.BadRequest.At(f.Name, "%s: must be between %s and %s from now", f.Name, s.Window.Min, s.Window.Max)
	}
	return nil
}

// refuseTogether looks for values that are refused, alone or together.
func refuseTogether(refusals []Refusal, fields []Field) *Error {
	for i := range refusals {
		if r := &refusals[i]; r.Met(fields) {
			return r.Error.At(r.When[0].Name, "%s", r.Message())
		}
	}
	return nil
}

func given(fields []Field, files []FilePart) []string {
	names := make([]string, 0, len(fields)+len(files))
	for _, f := range fields {
		names = append(names, f.Name)
	}
	for _, p := range files {
		names = append(names, p.Name)
	}
	return names
}

func asError(err error) *Error {
	e, _ := AsError(err)
	return e
}
