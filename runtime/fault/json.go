package fault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

// wire is a rule as JSON. Times are texts: durations such as "1m30s", moments as
// in RFC 3339.
type wire struct {
	ID             string    `json:"id,omitzero"`
	Description    string    `json:"description,omitzero"`
	Kind           string    `json:"kind"`
	Operation      string    `json:"operation,omitzero"`
	Account        string    `json:"account,omitzero"`
	Resource       string    `json:"resource,omitzero"`
	Method         string    `json:"method,omitzero"`
	Path           string    `json:"path,omitzero"`
	Nth            int       `json:"nth,omitzero"`
	First          int       `json:"first,omitzero"`
	Every          int       `json:"every,omitzero"`
	After          int       `json:"after,omitzero"`
	Probability    float64   `json:"probability,omitzero"`
	Seed           uint64    `json:"seed,omitzero"`
	From           time.Time `json:"from,omitzero"`
	Until          time.Time `json:"until,omitzero"`
	Times          int       `json:"times,omitzero"`
	Delay          span      `json:"delay,omitzero"`
	Jitter         span      `json:"jitter,omitzero"`
	Error          string    `json:"error,omitzero"`
	Status         int       `json:"status,omitzero"`
	RetryAfter     span      `json:"retryAfter,omitzero"`
	RetryAfterDate bool      `json:"retryAfterDate,omitzero"`
	Interval       span      `json:"interval,omitzero"`
	Rate           int       `json:"rate,omitzero"`
	Size           int       `json:"size,omitzero"`
	Age            span      `json:"age,omitzero"`
}

// span is a duration as JSON.
type span time.Duration

func (d span) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *span) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("must be a duration such as \"1m30s\"")
	}
	*d = span(v)
	return nil
}

// MarshalJSON writes the fields that are not zero.
func (r Rule) MarshalJSON() ([]byte, error) {
	w := wire{
		ID: r.ID, Description: r.Description, Kind: r.Kind, Operation: r.Operation, Account: r.Account,
		Resource: r.Resource, Method: r.Method, Path: r.Path, Nth: r.Nth, First: r.First, Every: r.Every,
		After: r.After, Probability: r.Probability, Seed: r.Seed, From: r.From, Until: r.Until, Times: r.Times,
		Delay: span(r.Delay), Jitter: span(r.Jitter), Error: r.Error, Status: r.Status, RetryAfter: span(r.RetryAfter),
		RetryAfterDate: r.RetryAfterDate, Interval: span(r.Interval), Rate: r.Rate, Size: r.Size, Age: span(r.Age),
	}
	return json.Marshal(w)
}

// UnmarshalJSON takes one object of known fields, each at most once and of the
// right type, and says which one is wrong. [Set.Add] checks what they say.
func (r *Rule) UnmarshalJSON(text []byte) error {
	members, err := object(text)
	if err != nil {
		return err
	}
	var w wire
	fields := reflect.ValueOf(&w).Elem()
	for i := range fields.NumField() {
		name, _, _ := strings.Cut(fields.Type().Field(i).Tag.Get("json"), ",")
		value, given := members[name]
		if !given {
			continue
		}
		delete(members, name)
		if err := field(value, fields.Field(i)); err != nil {
			return invalid(name, "%s", err)
		}
	}
	for name := range members {
		return invalid(shown(name), "is not a field")
	}
	*r = Rule{
		ID: w.ID, Description: w.Description, Kind: w.Kind, Operation: w.Operation, Account: w.Account,
		Resource: w.Resource, Method: w.Method, Path: w.Path, Nth: w.Nth, First: w.First, Every: w.Every,
		After: w.After, Probability: w.Probability, Seed: w.Seed, From: w.From, Until: w.Until, Times: w.Times,
		Delay: time.Duration(w.Delay), Jitter: time.Duration(w.Jitter), Error: w.Error, Status: w.Status,
		RetryAfter: time.Duration(w.RetryAfter), RetryAfterDate: w.RetryAfterDate, Interval: time.Duration(w.Interval),
		Rate: w.Rate, Size: w.Size, Age: time.Duration(w.Age),
	}
	return nil
}

// object returns the members of an object, each of which is there once.
func object(text []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("fault rule: must be a JSON object")
	}
	members := map[string]json.RawMessage{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, errors.New("fault rule: must be a JSON object")
		}
		key := name.(string) // More lets nothing else through
		if _, twice := members[key]; twice {
			return nil, invalid(shown(key), "is given twice")
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, invalid(shown(key), "is not JSON")
		}
		members[key] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, errors.New("fault rule: must be a JSON object")
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("fault rule: there is more behind the object")
	}
	return members, nil
}

// kinds of values, as a message calls them.
var wanted = map[reflect.Type]string{
	reflect.TypeFor[string]():    "a text",
	reflect.TypeFor[int]():       "a whole number",
	reflect.TypeFor[uint64]():    "a whole number, not negative",
	reflect.TypeFor[float64]():   "a number",
	reflect.TypeFor[bool]():      "true or false",
	reflect.TypeFor[span]():      `a duration such as "1m30s"`,
	reflect.TypeFor[time.Time](): `a time such as "2026-01-02T15:04:05Z"`,
}

// field decodes one value. Null is none.
func field(value json.RawMessage, into reflect.Value) error {
	err := json.Unmarshal(value, into.Addr().Interface())
	if err != nil || string(value) == "null" {
		return fmt.Errorf("must be %s", wanted[into.Type()])
	}
	return nil
}
