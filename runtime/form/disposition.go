package form

import (
	"net/url"
	"slices"
	"strings"
)

// unquoter undoes the escapes of browsers and of recent curl.
var unquoter = strings.NewReplacer("%22", `"`, "%0D", "\r", "%0A", "\n")

// disposition is what a part's Content-Disposition says.
type disposition struct {
	name     string
	filename string
	isFile   bool // a filename is given, though it may be empty
}

// parseDisposition reads a Content-Disposition of any client in use. It
// differs from [mime.ParseMediaType] where that one loses bytes of a name:
// a backslash is kept unless it escapes a quote or a backslash, and what a
// browser escapes is restored. It is false when the part has no name.
func parseDisposition(header string) (disposition, bool) {
	kind, rest, _ := strings.Cut(header, ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "form-data") {
		return disposition{}, false
	}
	var params [maxParams]param
	n, ok := parseParams(rest, &params)
	if !ok {
		return disposition{}, false
	}
	d, named := disposition{}, false
	extended, given := "", false
	for _, p := range params[:n] {
		switch p.key {
		case "name":
			d.name, named = p.value, true
		case "filename":
			d.filename, d.isFile = p.value, true
		case "filename*":
			extended, given = p.value, true
		}
	}
	if given { // it wins wherever it stands
		d.isFile = true
		if name, ok := extendedValue(extended); ok {
			d.filename = name
		}
	}
	return d, named
}

// maxParams is more parameters than any client writes.
const maxParams = 8

type param struct{ key, value string }

// parseParams reads "key=value; key=value". It is false when that is not its
// form, a key occurs twice or there are too many.
func parseParams(s string, params *[maxParams]param) (n int, ok bool) {
	for ; ; n++ {
		s = strings.TrimLeft(s, "; \t")
		if s == "" {
			return n, true
		}
		key, rest, ok := strings.Cut(s, "=")
		key = strings.ToLower(strings.TrimSpace(key))
		twice := slices.ContainsFunc(params[:n], func(p param) bool { return p.key == key })
		if !ok || twice || n == maxParams {
			return 0, false
		}
		p := &params[n]
		p.key = key
		if p.value, s, ok = paramValue(strings.TrimLeft(rest, " \t")); !ok {
			return 0, false
		}
	}
}

// paramValue reads a quoted value or one that ends at a semicolon. After a
// quoted one only a semicolon may follow.
func paramValue(s string) (value, rest string, ok bool) {
	if quoted, found := strings.CutPrefix(s, `"`); found {
		value, rest, ok = quotedValue(quoted)
		rest = strings.TrimLeft(rest, " \t")
		return value, rest, ok && (rest == "" || rest[0] == ';')
	}
	value, rest, _ = strings.Cut(s, ";")
	return strings.TrimRight(value, " \t"), rest, true
}

// quotedValue reads up to the closing quote. Two dialects exist: Go and old
// curl write \" for a quote, browsers write %22. A value that contains \" is
// of the first, and a %22 in it is meant literally.
//
// Browsers do not escape a backslash, so one before the last quote of the
// header is the end of a name and not an escape.
func quotedValue(s string) (value, rest string, ok bool) {
	if i := strings.IndexByte(s, '"'); i >= 0 && strings.IndexByte(s[:i], '\\') < 0 {
		return unescaped(s[:i]), s[i+1:], true
	}
	var b strings.Builder
	pairs := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			if pairs {
				return b.String(), s[i+1:], true
			}
			return unescaped(b.String()), s[i+1:], true
		case strings.HasPrefix(s[i:], `\\`):
			i++
		case strings.HasPrefix(s[i:], `\"`) && strings.Contains(s[i+2:], `"`):
			pairs = true
			i++
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}

func unescaped(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s // the replacer would copy it
	}
	return unquoter.Replace(s)
}

// extendedValue reads charset'language'percent-encoded (RFC 8187), which forms
// should not use and some clients do.
func extendedValue(s string) (string, bool) {
	charset, rest, ok := strings.Cut(strings.Trim(s, `"`), "'")
	if !ok || !strings.EqualFold(charset, "utf-8") {
		return "", false
	}
	_, encoded, ok := strings.Cut(rest, "'")
	if !ok {
		return "", false
	}
	value, err := url.PathUnescape(encoded)
	return value, err == nil
}
