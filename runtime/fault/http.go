package fault

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
)

// edit changes an answer that is not yet sent.
type edit func(h *hit, a *answer)

// edited answers what next answers, changed.
func edited(change edit) action {
	return func(h *hit, w http.ResponseWriter, r *http.Request, next http.Handler) {
		a := capture(w, r, next)
		change(h, a)
		h.hasten(a.header, a.status)
		a.send(w)
	}
}

func httpKinds() []*kind {
	row := func(name, description string, act action, direct outcome, fields ...string) *kind {
		return &kind{Kind: Kind{name, HTTP, description, fields, false}, about: enveloped, act: act, direct: direct}
	}
	rows := []*kind{
		row("html", "An HTML page with status (200), as captive portals answer; the call has no effect.", htmlAnswer, lost, "status"),
		row("redirect", "A redirect to the same address (307); the call has no effect.", redirect, lost, "status"),
		row("wrong-type", "JSON that says it is text/plain.", edited(typed("text/plain")), wireOnly),
		row("wrong-charset", "JSON that says it is UTF-16.", edited(typed("application/json; charset=utf-16")), wireOnly),
		row("truncated-json", "JSON that ends in the middle, with a length that fits.", edited(truncate), unanswered),
		row("trailing-data", "Text behind the JSON.", edited(func(_ *hit, a *answer) { a.body.WriteString("<!-- end -->") }), unanswered),
		row("empty-body", "No body, with status (200).", edited(empty), unanswered, "status"),
		row("unknown-fields", "Members nobody knows, in the envelope and in every object of the result.", edited(unknownFields), wireOnly),
		row("missing-fields", "A result without its members.", edited(result(func(any) any { return map[string]any{} })), wireOnly),
		row("null-result", "A result that is null.", edited(result(func(any) any { return nil })), unanswered),
		row("wrong-types", "Numbers in place of texts in the result, and texts in place of numbers.", edited(result(swapped)), unanswered),
		row("duplicate-json", "Members that are there twice: success is false first.", edited(duplicate), wireOnly),
		row("invalid-utf8", "Bytes in the result's texts that are not UTF-8.", edited(invalidUTF8), wireOnly),
		row("failed-200", "Status 200 with success false and an error, by default an internal one.", edited(failed), unanswered, "error"),
		row("success-500", "The answer of a success with status (500).", edited(succeeded), unanswered, "status"),
		row("length-too-long", "A Content-Length beyond the body by size (10) bytes.", tooLong, unanswered, "size"),
		row("length-too-short", "A Content-Length that leaves out the last size (10) bytes of the body.", tooShort, unanswered, "size"),
		row("not-gzip", "A Content-Encoding of gzip that the body does not have.", edited(notGzip), wireOnly),
		row("huge-header", "A header of size bytes, 11 MiB by default.", edited(hugeHeader), wireOnly, "size"),
	}
	for _, name := range []string{"html", "redirect", "empty-body", "huge-header"} {
		for _, k := range rows {
			if k.Name == name {
				k.about = anything
			}
		}
	}
	return rows
}

func htmlAnswer(h *hit, w http.ResponseWriter, r *http.Request, _ http.Handler) {
	drain(r)
	status := cmp.Or(h.rule.Status, http.StatusOK)
	h.hasten(w.Header(), status)
	writeError(w, h.set.contract, &contract.Error{Status: status, Text: htmlPage(status)})
}

func redirect(h *hit, w http.ResponseWriter, r *http.Request, _ http.Handler) {
	drain(r)
	w.Header().Set("Location", r.URL.RequestURI())
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(cmp.Or(h.rule.Status, http.StatusTemporaryRedirect))
}

func typed(contentType string) edit {
	return func(_ *hit, a *answer) { a.header.Set("Content-Type", contentType) }
}

func truncate(_ *hit, a *answer) { a.body.Truncate(a.body.Len() / 2) }

func empty(h *hit, a *answer) {
	a.body.Reset()
	a.status = cmp.Or(h.rule.Status, http.StatusOK)
}

// envelope returns the members of an answer, nil where it is no object.
func (a *answer) envelope() map[string]any {
	dec := json.NewDecoder(bytes.NewReader(a.body.Bytes()))
	dec.UseNumber()
	var members map[string]any
	if dec.Decode(&members) != nil {
		return nil
	}
	return members
}

// write replaces the body by an envelope, where there was one.
func (a *answer) write(members map[string]any) {
	if members == nil {
		return
	}
	text, err := json.Marshal(members)
	if err == nil { // always: it was decoded from JSON
		a.set(text)
	}
}

// result changes the result of an envelope.
func result(change func(any) any) edit {
	return func(h *hit, a *answer) {
		members, name := a.envelope(), h.set.contract.Envelope.Result
		if members != nil {
			members[name] = change(members[name])
		}
		a.write(members)
	}
}

// swapped returns a value in which texts are numbers and numbers are texts.
func swapped(v any) any {
	switch v := v.(type) {
	case string:
		return len(v)
	case json.Number:
		return v.String()
	case map[string]any:
		for name := range v {
			v[name] = swapped(v[name])
		}
	case []any:
		for i := range v {
			v[i] = swapped(v[i])
		}
	}
	return v
}

const unknownName = "mock_unknown"

func unknownFields(h *hit, a *answer) {
	members := a.envelope()
	if members != nil {
		members[h.set.contract.Envelope.Result] = extended(members[h.set.contract.Envelope.Result])
		members[unknownName] = []any{true}
	}
	a.write(members)
}

// extended returns a value whose objects have a member more.
func extended(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			v[name] = extended(v[name])
		}
		v[unknownName] = map[string]any{"a": []any{1}}
	case []any:
		for i := range v {
			v[i] = extended(v[i])
		}
	}
	return v
}

func duplicate(h *hit, a *answer) {
	if rest, ok := bytes.CutPrefix(a.body.Bytes(), []byte("{")); ok {
		names := &h.set.contract.Envelope
		a.set([]byte("{" + strconv.Quote(names.Success) + ":false," + strconv.Quote(names.Result) + ":null," + string(rest)))
	}
}

// invalidUTF8 spoils the first text of the result that is a value.
func invalidUTF8(h *hit, a *answer) {
	text := a.body.String()
	at := max(strings.Index(text, strconv.Quote(h.set.contract.Envelope.Result)), 0)
	if i := strings.Index(text[at:], `:"`); i >= 0 {
		at += i + len(`:"`)
		a.set([]byte(text[:at] + "\xff\xfe" + text[at:]))
	}
}

func failed(h *hit, a *answer) {
	e := h.set.contract.Faults.Internal.New()
	if h.rule.Error != "" {
		e = errorOf(h.set.contract, h.rule.Error).New()
	}
	a.status = http.StatusOK
	a.set(envelope(h.set.contract, e))
}

func succeeded(h *hit, a *answer) {
	a.status = cmp.Or(h.rule.Status, http.StatusInternalServerError)
}

// defaultGap is by how much a length is wrong, in bytes.
const defaultGap = 10

func tooLong(h *hit, w http.ResponseWriter, r *http.Request, next http.Handler) {
	a := capture(w, r, next)
	a.header.Set("Content-Length", strconv.Itoa(a.body.Len()+cmp.Or(h.rule.Size, defaultGap)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes())
	_ = http.NewResponseController(w).Flush()
	abort()
}

func tooShort(h *hit, w http.ResponseWriter, r *http.Request, next http.Handler) {
	a := capture(w, r, next)
	length := max(a.body.Len()-cmp.Or(h.rule.Size, defaultGap), 0)
	conn := hijack(w)
	if conn == nil { // what is beyond the length is not to be seen
		a.body.Truncate(length)
		a.send(w)
		return
	}
	text, _ := a.raw(length)
	_, _ = conn.Write(text)
	_ = conn.Close()
}

func notGzip(_ *hit, a *answer) { a.header.Set("Content-Encoding", "gzip") }

func hugeHeader(h *hit, a *answer) {
	const beyond = 11 << 20 // what net/http takes is 10 MiB
	a.header.Set("X-Mock-Padding", strings.Repeat("x", cmp.Or(h.rule.Size, beyond)))
}
