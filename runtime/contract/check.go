package contract

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// CheckText checks a query parameter, a path parameter or a text part of a
// form against its schema. The error is an [*Error] of the schema's Violation,
// or of f.BadRequest, whose source is name.
//
// A [Window] is not checked here: it is relative to a clock, which belongs to
// the implementation.
func CheckText(s *Schema, name, text string, f *Faults) error {
	if why := textViolation(s, text); why != "" {
		return violated(s, name, name, why, f)
	}
	return nil
}

// violated is the error for a violated schema. A Violation has a message of
// its own, which the reason completes.
func violated(s *Schema, at, name, why string, f *Faults) *Error {
	if s.Violation != nil {
		return s.Violation.At(at, "%s: %s", s.Violation.Message, why)
	}
	return f.BadRequest.At(at, "%s: %s", name, why)
}

func textViolation(s *Schema, text string) string {
	switch s.Type {
	case TypeInteger:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "must be an integer"
		}
		return s.rangeViolation(float64(n))
	case TypeNumber:
		// JSON's grammar keeps out what ParseFloat takes beside it: Inf, NaN, 0x1p4.
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || kindOf([]byte(text)) != TypeNumber || !json.Valid([]byte(text)) {
			return "must be a number"
		}
		return s.rangeViolation(n)
	case TypeBoolean:
		if text != "true" && text != "false" {
			return "must be true or false"
		}
		return ""
	case TypeObject:
		return s.objectViolation([]byte(text))
	default:
		return s.stringViolation(text)
	}
}

func (s *Schema) rangeViolation(n float64) string {
	switch {
	case s.Minimum != nil && n < *s.Minimum:
		return "must be at least " + decimal(*s.Minimum)
	case s.Maximum != nil && n > *s.Maximum:
		return "must be at most " + decimal(*s.Maximum)
	default:
		return ""
	}
}

// decimal writes a limit as people do: 31536000, not 3.1536e+07.
func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// objectViolation checks a free-form object's text.
func (s *Schema) objectViolation(text []byte) string {
	switch {
	case s.MaxBytes > 0 && int64(len(text)) > s.MaxBytes:
		return fmt.Sprintf("must be at most %d bytes of JSON, not %d", s.MaxBytes, len(text))
	case !utf8.Valid(text):
		return "must be UTF-8"
	case kindOf(text) != TypeObject || !json.Valid(text):
		return "must be a JSON object"
	default:
		return ""
	}
}

func (s *Schema) stringViolation(text string) string {
	if !utf8.ValidString(text) {
		return "must be UTF-8"
	}
	n := utf8.RuneCountInString(text)
	switch {
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, text):
		return "must be one of " + strings.Join(s.Enum, ", ")
	case n < s.MinLength:
		return fmt.Sprintf("must have at least %d characters", s.MinLength)
	case s.MaxLength > 0 && n > s.MaxLength:
		return fmt.Sprintf("must have at most %d characters, not %d", s.MaxLength, n)
	case s.Pattern != nil && !s.Pattern.Match(text):
		return "must match " + s.Pattern.Text
	default:
		return formatViolation(s.Format, text)
	}
}

// rfc3339 reports whether a text that [time.Parse] takes is in RFC 3339. It
// takes more: an hour of one digit, a comma before the fraction, an offset of a
// day.
func rfc3339(text string) bool {
	const local, offset = "2006-01-02T15:04:05", "+00:00"
	if len(text) < len(local) || text[len(local)-len(":04:05")] != ':' || strings.Contains(text, ",") {
		return false
	}
	if strings.HasSuffix(text, "Z") {
		return true
	}
	at := max(len(text)-len(offset)+1, 0)
	return text[at:at+2] < "24" && text[at+3:] < "60"
}

func formatViolation(format, text string) string {
	switch format {
	case "date-time":
		if _, err := time.Parse(time.RFC3339, text); err != nil || !rfc3339(text) {
			return "must be a date and time in RFC 3339"
		}
	case "uri":
		if u, err := url.Parse(text); err != nil || u.Scheme == "" {
			return "must be an absolute URL"
		}
	}
	return ""
}

// CheckOneOf checks that exactly one of the names is given; no names means no
// such rule.
func CheckOneOf(names, given []string, f *Faults) error {
	if why := OneOfViolation(names, given); why != "" {
		return f.BadRequest.With("%s", why)
	}
	return nil
}

// OneOfViolation says why the given names are not exactly one of names; empty
// when they are, or when there are no names.
func OneOfViolation(names, given []string) string {
	n := 0
	for _, name := range names {
		if slices.Contains(given, name) {
			n++
		}
	}
	switch {
	case len(names) == 0 || n == 1:
		return ""
	case n == 0:
		return "one of " + strings.Join(names, " or ") + " is required"
	default:
		return strings.Join(names, " and ") + " are mutually exclusive"
	}
}
