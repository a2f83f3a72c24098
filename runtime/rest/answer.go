package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cfimages/cfimages/runtime/contract"
)

const (
	maxAnswer = 64 << 20 // of an envelope, in bytes
	maxError  = 1 << 20  // of a failed answer that is read, in bytes
	maxText   = 2 << 10  // of each text of a failed answer that an error keeps, in bytes
	// maxMessages is how many messages of a failed answer an error keeps.
	maxMessages = 100
)

// open reads an answer of status 2xx, and its result to where out points. Whatever
// is not an envelope that says success is an error. What it says beside that, in its
// errors, does not undo a success: the operation was carried out.
func open(c *contract.Contract, resp *http.Response, out any) error {
	defer drain(resp.Body)
	zero(out) // of what an earlier attempt has left
	text, release, err := readAnswer(resp)
	defer release()
	switch {
	case err != nil:
		return unusable(c, resp, text, &interrupted{err})
	case len(text) > maxAnswer:
		return answerError(resp, nil, fmt.Errorf("the answer is larger than %d bytes", maxAnswer))
	}
	if err := encoded(resp); err != nil {
		return answerError(resp, nil, err)
	}
	if scan(&c.Envelope, text, out) {
		return nil
	}
	zero(out) // of what the scanner has read before it gave up
	if err := decode(&c.Envelope, text, out); err != nil {
		return unusable(c, resp, text, err)
	}
	return nil
}

// decode reads an envelope with encoding/json, and says why it is none of a
// success.
func decode(names *contract.Envelope, text []byte, out any) error {
	var e members
	err := json.Unmarshal(text, &e)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		err = errors.New("it is no JSON object")
	}
	var success bool
	result := e.find(names.Result)
	if err == nil {
		err = errors.Join(e.read(names.Success, &success), e.read(names.Errors, new([]contract.Message)))
	}
	switch {
	case err != nil:
	case !success:
		return errors.New("the answer does not say success")
	case out == nil:
		return nil
	case result == nil || string(result) == "null":
		return errors.New("the answer has no result")
	default:
		err = json.Unmarshal(result, out)
	}
	switch {
	case err != nil:
		return fmt.Errorf("the answer is not what the API documents: %w", err)
	case !documented(result, out):
		return errors.New("the result of the answer has nothing that the API documents")
	}
	return nil
}

// members are those of an object, whose names are taken in any case, as encoding/json
// does.
type members map[string]json.RawMessage

func (m members) find(name string) json.RawMessage {
	if text, ok := m[name]; ok {
		return text
	}
	for member, text := range m {
		if strings.EqualFold(member, name) {
			return text
		}
	}
	return nil
}

func (m members) read(name string, v any) error {
	text := m.find(name)
	if text == nil {
		return nil
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// documented reports whether a result has a member that its type has. One that has
// none is something else: an empty list has its items, if only none.
func documented(result []byte, out any) bool {
	typ := reflect.TypeOf(out).Elem()
	var m members
	if typ.Kind() != reflect.Struct || json.Unmarshal(result, &m) != nil {
		return true
	}
	for field := range typ.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if text := m.find(name); text != nil && string(text) != "null" {
			return true
		}
	}
	return false
}

// unusable describes an answer of status 2xx that is not a success.
func unusable(c *contract.Contract, resp *http.Response, text []byte, cause error) *contract.Error {
	e := answerError(resp, text, cause)
	if e.Messages = messagesOf(c, text); len(e.Messages) > 0 || holdsResult(c, text) || resp.StatusCode/100 == 2 && looksLikeJSON(text) {
		e.Text = ""
	}
	return e
}

// looksLikeJSON reports whether a text begins as JSON does. That of a success is
// not shown: a signing key may be anywhere in an answer that is not as documented.
func looksLikeJSON(text []byte) bool {
	text = bytes.TrimLeft(text, "\ufeff \t\r\n")
	return len(text) > 0 && strings.IndexByte(`{["`, text[0]) >= 0
}

// holdsResult reports whether a text has the result of an envelope that says
// something, be it cut short. A signing key and an upload URL are secrets, so that
// nothing of such a text is shown.
func holdsResult(c *contract.Contract, text []byte) bool {
	member := []byte(strings.ToLower(strconv.Quote(c.Envelope.Result)))
	text = bytes.ToLower(text) // encoding/json takes names in any case
	for {
		_, rest, found := bytes.Cut(text, member)
		if !found {
			return false
		}
		value := bytes.TrimLeft(rest, ": \t\r\n")
		if len(value) > 0 && (value[0] == '{' || value[0] == '[') {
			return true
		}
		text = rest
	}
}

// failure reads an answer of any other status into an error.
func failure(c *contract.Contract, op *contract.Operation, resp *http.Response) *contract.Error {
	if resp.StatusCode < http.StatusOK { // the body is the connection, and ends with it
		_ = resp.Body.Close()
		return answerError(resp, nil, errors.New("the server switches to another protocol"))
	}
	defer drain(resp.Body)
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxError))
	cause := redirected(resp)
	if err != nil {
		cause = &interrupted{err}
	}
	e := unusable(c, resp, text, cause)
	if code := resizedCode(resp.Header); len(e.Messages) == 0 && code != 0 {
		e.Messages = []contract.Message{{Code: code, Message: strings.TrimSpace(e.Text)}}
		e.Text = ""
	}
	if resp.StatusCode == http.StatusTooManyRequests || len(e.Messages) == 0 && mediaType(resp) == "text/plain" {
		e.Kind = kindOf(op, e)
	}
	return e
}

// redirected tells where an answer sends its reader, who does not follow: no
// credentials go to another host, and no form is sent twice.
func redirected(resp *http.Response) error {
	to, err := resp.Location()
	if err != nil || resp.StatusCode/100 != 3 {
		return nil
	}
	return fmt.Errorf("the server redirects to %s://%s", to.Scheme, to.Host)
}

// kindOf returns the only error of the operation that has the answer's status,
// where the answer names none that the operation has. The service answers some
// missing things in plain text without a code (observed), and the limit on requests
// has codes of its own in front of it.
func kindOf(op *contract.Operation, e *contract.Error) *contract.ErrorKind {
	var kind *contract.ErrorKind
	for _, k := range op.Errors {
		switch {
		case e.Is(k):
			return nil
		case k.Status != e.Status:
		case kind != nil:
			return nil
		default:
			kind = k
		}
	}
	return kind
}

// resizedCode returns the code that the delivery host puts into a header, too.
func resizedCode(h http.Header) int {
	_, code, _ := strings.Cut(h.Get("Cf-Resized"), "err=")
	n, _ := strconv.Atoi(code)
	return max(n, 0)
}

// answerError keeps the text as it is. [Core.explain] cuts it, but not before
// the credentials are out of it: a cut through one would hide it from the search.
func answerError(resp *http.Response, text []byte, cause error) *contract.Error {
	return &contract.Error{
		Status:     resp.StatusCode,
		RayID:      resp.Header.Get("Cf-Ray"),
		RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now()),
		Text:       string(text[:min(len(text), maxError)]),
		Err:        cause,
	}
}

// textError reads an error that the API writes as plain text.
func textError(text []byte) (m contract.Message, ok bool) {
	rest, begins := bytes.CutPrefix(text, []byte("ERROR "))
	digits, message, ends := bytes.Cut(rest, []byte(": "))
	if !begins || !ends || len(digits) > len("999999999") {
		return m, false
	}
	code, err := strconv.ParseUint(string(digits), 10, 32)
	line, _, _ := strings.Cut(string(message), "\n")
	return contract.Message{Code: int(code), Message: strings.TrimSpace(line)}, err == nil
}

// messagesOf returns the errors of an envelope, or of an error in plain text.
func messagesOf(c *contract.Contract, text []byte) []contract.Message {
	var m members
	if json.Unmarshal(text, &m) == nil {
		var messages []contract.Message
		_ = m.read(c.Envelope.Errors, &messages)
		return messages
	}
	if m, ok := textError(text); ok {
		return []contract.Message{m}
	}
	return nil
}

// maxDuration is a wait without end.
const maxDuration time.Duration = math.MaxInt64

// retryAfter reads a Retry-After header, in seconds or as a date. A number that
// no clock can hold is a wait without end.
func retryAfter(value string, now time.Time) time.Duration {
	n, err := strconv.ParseUint(value, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && n > uint64(maxDuration/time.Second):
		return maxDuration
	case err == nil:
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// withoutURL removes the address from an error of net/http: an upload URL is
// a secret.
func withoutURL(err error) error {
	for {
		e, ok := errors.AsType[*url.Error](err)
		if !ok {
			return err
		}
		err = e.Err
	}
}

// explain returns err as an error of the operation, bounded and without the
// credentials, should an answer have echoed them.
func (c *Core) explain(op *contract.Operation, err error) error {
	if err == nil {
		return nil
	}
	e := contract.Error{Err: err}
	if refused, ok := errors.AsType[*refusal](err); ok {
		e = *c.contract.Faults.BadRequest.With("%s", refused)
		e.Status, e.Err = 0, err // nobody was asked
	}
	if known, ok := errors.AsType[*contract.Error](err); ok {
		e = *known
		e.Messages = slices.Clone(known.Messages[:min(len(known.Messages), maxMessages)])
	}
	e.Operation = op.Name
	for i := range e.Messages {
		e.Messages[i] = c.redactMessage(e.Messages[i])
	}
	e.RayID = c.shown(e.RayID)
	e.Text = c.shown(e.Text)
	if e.Err != nil {
		if text := e.Err.Error(); c.shown(text) != text {
			e.Err = redacted{cause: e.Err, shown: c.shown(text)}
		}
	}
	return &e
}

func (c *Core) redactMessage(m contract.Message) contract.Message {
	m.Message = c.shown(m.Message)
	m.DocumentationURL = c.shown(m.DocumentationURL)
	if m.Source != nil {
		m.Source = &contract.Source{Pointer: c.shown(m.Source.Pointer)}
	}
	return m
}

// shown is what an error may show of a text.
func (c *Core) shown(text string) string { return shorten(c.redact(text)) }

// minSecret is the length from which on a credential is taken out of texts, in
// bytes: a shorter one is no secret, and its letters are in every text.
const minSecret = 4

// refusal is why a client did not send a request. It becomes the error that
// the API would answer, without a status.
type refusal struct{ why string }

func (r *refusal) Error() string { return r.why }

func refuse(format string, args ...any) error { return &refusal{fmt.Sprintf(format, args...)} }

// redact takes the credentials out of a text.
func (c *Core) redact(text string) string {
	for _, known := range slices.Concat(c.credentials(), c.hidden()) {
		if len(known.secret) >= minSecret {
			text = strings.ReplaceAll(text, known.secret, "[redacted]")
		}
	}
	return text
}

// redacted is an error whose text held a credential. It is still the error it
// was to [errors.Is], but cannot be taken out and shown.
type redacted struct {
	cause error
	shown string
}

func (r redacted) Error() string        { return r.shown }
func (r redacted) Is(target error) bool { return errors.Is(r.cause, target) }

// Format is Error for every verb.
func (r redacted) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.shown)) }

// shorten returns the beginning of a text, on a character's boundary.
func shorten(text string) string {
	if len(text) > maxText {
		end := maxText
		for end > maxText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
