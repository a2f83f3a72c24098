package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

const (
	maxAnswer = 64 << 20 // of an envelope, in bytes
	maxError  = 1 << 20  // of a failed answer that is read, in bytes
	maxText   = 2 << 10  // of a failed answer that an error keeps, in bytes
)

// Envelope is the JSON object around an answer. Generated code has a type for
// it, with the API's own member names.
type Envelope[T any] interface {
	// Open returns the result, nil when it is null or absent; whether the
	// operation succeeded, nil when that is not said; and the errors.
	Open() (result *T, success *bool, errors []contract.Message)
}

// Ignored is a result of any JSON type that is not looked at.
type Ignored struct{}

// UnmarshalJSON accepts anything.
func (*Ignored) UnmarshalJSON([]byte) error { return nil }

// notAStream is the envelope of an answer that should have been a stream.
type notAStream struct{}

func (notAStream) Open() (*Ignored, *bool, []contract.Message) { return nil, nil, nil }

// open reads a successful answer. Whatever is not an envelope that says
// success is an error.
func open[T any](c *contract.Contract, resp *http.Response, env Envelope[T]) (*T, error) {
	defer drain(resp.Body)
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, answerError(resp, nil, fmt.Errorf("reading the answer: %w", err))
	case len(text) > maxAnswer:
		return nil, answerError(resp, nil, fmt.Errorf("the answer is larger than %d bytes", maxAnswer))
	}
	decodeErr := json.Unmarshal(text, env)
	result, success, messages := env.Open()
	switch {
	case decodeErr != nil:
		return nil, malformed(c, resp, text, decodeErr)
	case success == nil || !*success || len(messages) > 0:
		return nil, malformed(c, resp, text, errors.New("the answer does not say success"))
	case result == nil && !isIgnored[T]():
		return nil, answerError(resp, text, errors.New("the answer has no result"))
	}
	return result, nil
}

func isIgnored[T any]() bool {
	_, ok := any((*T)(nil)).(*Ignored)
	return ok
}

// malformed describes an answer of status 2xx that is not a success.
func malformed(c *contract.Contract, resp *http.Response, text []byte, cause error) error {
	e := answerError(resp, text, cause)
	e.Messages = messagesOf(c, text)
	return e
}

// failure reads an answer that is not a success into an error.
func failure(c *contract.Contract, resp *http.Response) *contract.Error {
	defer drain(resp.Body)
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxError))
	e := answerError(resp, text, nil)
	if e.Messages = messagesOf(c, text); len(e.Messages) > 0 {
		e.Text = ""
	}
	return e
}

func answerError(resp *http.Response, text []byte, cause error) *contract.Error {
	return &contract.Error{
		Status:     resp.StatusCode,
		RayID:      resp.Header.Get("Cf-Ray"),
		RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now()),
		Text:       strings.ToValidUTF8(string(text[:min(len(text), maxText)]), "\uFFFD"),
		Err:        cause,
	}
}

// textError is how the API writes an error as plain text.
var textError = regexp.MustCompile(`^ERROR (\d{1,9}): (.*)`)

// messagesOf returns the errors of an envelope, or of an error in plain text.
func messagesOf(c *contract.Contract, text []byte) []contract.Message {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) == nil {
		var messages []contract.Message
		_ = json.Unmarshal(members[c.Envelope.Errors], &messages)
		return messages
	}
	if m := textError.FindSubmatch(text); m != nil {
		code, _ := strconv.Atoi(string(m[1]))
		return []contract.Message{{Code: code, Message: strings.TrimSpace(string(m[2]))}}
	}
	return nil
}

// retryAfter reads a Retry-After header, in seconds or as a date.
func retryAfter(value string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

func isJSON(resp *http.Response) bool {
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return mediaType == "application/json"
}

// withoutURL removes the address from an error of net/http: an upload URL is
// a secret.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// explain completes an error with the operation, and takes the credentials out
// of it should the answer have echoed them.
func (c *Core) explain(op *contract.Operation, err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*contract.Error](err)
	if !ok {
		e = &contract.Error{Err: err}
	}
	e.Operation = op.Name
	for _, secret := range c.secrets {
		e.Text = strings.ReplaceAll(e.Text, secret, "[redacted]")
		for i := range e.Messages {
			e.Messages[i].Message = strings.ReplaceAll(e.Messages[i].Message, secret, "[redacted]")
		}
	}
	return e
}
