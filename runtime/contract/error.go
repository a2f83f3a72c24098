package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrorKind is an entry of the API's error catalogue. It is itself an error,
// so an implementation may return one as it is, and [errors.Is] finds it in
// what a client returns.
type ErrorKind struct {
	// Name is the entry's name in the specification, such as "ImageNotFound".
	Name string
	// Code is the number the API puts in the envelope.
	Code int
	// Status is the HTTP status the API answers with.
	Status int
	// Message is the API's text where it is known.
	Message string
	// Evidence says how code, status and message are known: "documented",
	// "sdk", "observed" or "assumed".
	Evidence string
}

// Error returns the code and the message.
func (k *ErrorKind) Error() string { return strconv.Itoa(k.Code) + " " + k.Message }

// New returns an error of this kind with the catalogue's message.
func (k *ErrorKind) New() *Error { return k.With("%s", k.Message) }

// With returns an error of this kind with a message of its own.
func (k *ErrorKind) With(format string, args ...any) *Error {
	return &Error{
		Status:   k.Status,
		Messages: []Message{{Code: k.Code, Message: fmt.Sprintf(format, args...)}},
	}
}

// At is [ErrorKind.With] for an error whose cause is a part of the request;
// pointer is a JSON pointer into the body ("/options/width") or the name of a
// parameter.
func (k *ErrorKind) At(pointer, format string, args ...any) *Error {
	e := k.With(format, args...)
	e.Messages[0].Source = &Source{Pointer: pointer}
	return e
}

// Message is an entry of an envelope's errors or messages.
type Message struct {
	Code             int     `json:"code"`
	Message          string  `json:"message"`
	DocumentationURL string  `json:"documentation_url,omitempty"`
	Source           *Source `json:"source,omitempty"`
}

// Source is the part of a request that caused an error.
type Source struct {
	Pointer string `json:"pointer"`
}

// UnmarshalJSON accepts a code that is written as a string, which some hosts of
// the API answer. It never fails: a member of a type that is not documented is
// left out, and a text on its own is the message, because half an error says more
// than none.
func (m *Message) UnmarshalJSON(b []byte) error {
	var members map[string]json.RawMessage
	if json.Unmarshal(b, &members) != nil {
		_ = json.Unmarshal(b, &m.Message)
		return nil
	}
	m.Code, _ = strconv.Atoi(strings.Trim(string(members["code"]), `"`))
	_ = json.Unmarshal(members["message"], &m.Message)
	_ = json.Unmarshal(members["documentation_url"], &m.DocumentationURL)
	_ = json.Unmarshal(members["source"], &m.Source)
	return nil
}

// Error is a failed operation: what the API answered, or what it would answer.
type Error struct {
	// Operation is the Go method that failed, empty when not known.
	Operation string
	// Status is the HTTP status; 0 when the request never got an answer.
	Status int
	// Messages are the envelope's errors, most important first. It may be
	// empty when the answer was not an envelope.
	Messages []Message
	// RayID is the answer's CF-Ray header, which the provider's support asks for.
	RayID string
	// RetryAfter is how long the API asked to wait; 0 when it did not.
	RetryAfter time.Duration
	// RateLimit is what the answer said about the caller's quota; nil when it said
	// nothing.
	RateLimit *RateLimit
	// Text is the beginning of an answer that was not an envelope. It is empty where
	// it would show a part of a result, which may be a secret.
	Text string
	// Kind is the catalogue's entry that the status of an answer tells where none of
	// its messages does; nil for any other.
	Kind *ErrorKind
	// Err is the underlying cause, if any.
	Err error
}

// Error returns the operation, the status and every message, or else the cause
// and the text.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Operation != "" {
		b.WriteString(e.Operation + ": ")
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, "HTTP %d: ", e.Status)
	}
	switch {
	case len(e.Messages) > 0:
		for i, m := range e.Messages {
			if i > 0 {
				b.WriteString("; ")
			}
			fmt.Fprintf(&b, "%d %s", m.Code, m.Message)
		}
	case e.Text != "" && e.Err != nil:
		b.WriteString(e.Err.Error() + ": " + e.Text)
	case e.Text != "":
		b.WriteString(e.Text)
	case e.Err != nil:
		b.WriteString(e.Err.Error())
	default:
		b.WriteString("no error message")
	}
	return b.String()
}

// Unwrap returns the underlying cause.
func (e *Error) Unwrap() error { return e.Err }

// Code returns the first message's code, or 0.
func (e *Error) Code() int {
	if len(e.Messages) == 0 {
		return 0
	}
	return e.Messages[0].Code
}

// Is reports whether target is a catalogue entry whose code is among the
// messages, or the [Error.Kind].
func (e *Error) Is(target error) bool {
	k, ok := target.(*ErrorKind)
	return ok && (k == e.Kind || slices.ContainsFunc(e.Messages, func(m Message) bool { return m.Code == k.Code }))
}

// AsError returns err as an [Error]: itself, or made from a catalogue entry
// in its chain. The second result is false when err is neither.
func AsError(err error) (*Error, bool) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e, true
	}
	if k, ok := errors.AsType[*ErrorKind](err); ok {
		return k.New(), true
	}
	return nil, false
}

// Faults are the errors of the wire itself.
type Faults struct {
	BadRequest           *ErrorKind
	Unauthenticated      *ErrorKind
	Forbidden            *ErrorKind
	NoRoute              *ErrorKind
	MethodNotAllowed     *ErrorKind
	UnsupportedMediaType *ErrorKind
	TooLarge             *ErrorKind
	Canceled             *ErrorKind
	Internal             *ErrorKind
	Unimplemented        *ErrorKind
}
