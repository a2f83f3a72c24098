package conformance

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const maxShown = 700 // of a body in a report, in bytes

// WithRequests calls f after each case of a clause with the requests it has
// sent, as command lines of curl. Credentials are named in them, not shown.
func WithRequests(f func(clause string, curl []string)) Option {
	return option(func(r *run) { r.requests = f })
}

func (t *spec) tellRequests() {
	if t.run.requests == nil {
		return
	}
	var lines []string
	for _, e := range t.trace.exchanges() {
		lines = append(lines, redact(e.curl(), t.run.secrets()))
	}
	t.run.requests(t.clause.ID, lines)
}

// curl writes the request as a command line. Credentials are named, not shown.
func (e *exchange) curl() string {
	args := []string{"curl", "-sS"}
	if e.method != http.MethodGet {
		args = append(args, "-X", e.method)
	}
	args = append(args, quote(e.url))
	var names []string
	for name := range e.header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		args = append(args, headerArgs(name, e.header.Get(name))...)
	}
	return strings.Join(append(args, e.bodyArgs()...), " ")
}

func headerArgs(name, value string) []string {
	switch name {
	case "User-Agent", "Accept":
		return nil
	case "Authorization":
		return []string{"-H", `"Authorization: Bearer $TOKEN"`}
	case "Content-Type":
		if strings.HasPrefix(value, "multipart/") {
			return nil
		}
	}
	return []string{"-H", quote(name + ": " + value)}
}

func (e *exchange) bodyArgs() []string {
	if e.sentLength == 0 {
		return nil
	}
	contentType := e.header.Get("Content-Type")
	if args, ok := formArgs(contentType, e.sent); ok {
		return args
	}
	args := []string{"--data-binary", quote(shown(e.sent))}
	if strings.HasPrefix(contentType, "multipart/") {
		args = append(args, "-H", quote("Content-Type: "+contentType))
	}
	return args
}

// formArgs writes a well-formed multipart body as -F arguments.
func formArgs(contentType string, body []byte) ([]string, bool) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return nil, false
	}
	var args []string
	for r := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return args, len(args) > 0
		}
		if err != nil {
			return nil, false
		}
		text, err := io.ReadAll(part)
		if err != nil && len(body) < maxKept {
			return nil, false
		}
		arg := part.FormName() + "=" + shown(text)
		if name := part.FileName(); name != "" {
			arg = fmt.Sprintf("%s=@%s;type=%s", part.FormName(), name, part.Header.Get("Content-Type"))
		}
		args = append(args, "-F", quote(arg))
		if err != nil {
			return args, true
		}
	}
}

// answerLines describes the answer.
func (e *exchange) answerLines() []string {
	if e.err != nil {
		return []string{"no answer: " + e.err.Error()}
	}
	if e.status == 0 {
		return []string{"no answer"}
	}
	head := fmt.Sprintf("%d %s", e.status, http.StatusText(e.status))
	for _, name := range []string{"Content-Type", "Content-Length", "Location", "Retry-After", "Cf-Ray"} {
		if v := e.answer.Get(name); v != "" {
			head += ", " + strings.ToLower(name) + ": " + v
		}
	}
	lines := []string{head}
	if len(e.body) > 0 {
		lines = append(lines, shown(e.body))
	}
	return lines
}

// short describes the exchange in one line.
func (e *exchange) short() string {
	outcome := strconv.Itoa(e.status)
	if e.err != nil {
		outcome = e.err.Error()
	}
	return e.method + " " + clip(e.url, 160) + " -> " + outcome
}

// shown is the beginning of a body on one line.
func shown(b []byte) string {
	if bytes.IndexByte(b[:min(len(b), maxShown)], 0) >= 0 {
		return fmt.Sprintf("<%d bytes that are no text>", len(b))
	}
	text := strings.ToValidUTF8(string(b[:min(len(b), maxShown)]), "\uFFFD")
	text = strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(strings.TrimRight(text, "\r\n"))
	if len(b) > maxShown {
		text += fmt.Sprintf("%s (%d bytes)", cut, len(b))
	}
	return text
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + cut
}

// quote quotes a shell argument.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
