package contract_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

func TestCheckText(t *testing.T) {
	t.Parallel()
	limits := func(low, high float64) (*float64, *float64) { return contract.Limit(low), contract.Limit(high) }
	pages := contract.Schema{Type: contract.TypeInteger}
	pages.Minimum, pages.Maximum = limits(1, 31536000)
	ratio := contract.Schema{Type: contract.TypeNumber}
	ratio.Minimum, ratio.Maximum = limits(-1.5, 2.5)
	var (
		text    = contract.Schema{Type: contract.TypeString, MinLength: 2, MaxLength: 4}
		order   = contract.Schema{Type: contract.TypeString, Enum: []string{"asc", "desc"}}
		word    = contract.Schema{Type: contract.TypeString, Pattern: lowerCase}
		date    = contract.Schema{Type: contract.TypeString, Format: "date-time"}
		address = contract.Schema{Type: contract.TypeString, Format: "uri"}
		flag    = contract.Schema{Type: contract.TypeBoolean}
		whole   = contract.Schema{Type: contract.TypeInteger}
		number  = contract.Schema{Type: contract.TypeNumber}
		object  = contract.Schema{Type: contract.TypeObject, MaxBytes: 10}
		free    = contract.Schema{Type: contract.TypeAny}
	)
	const ok = ""
	tests := []struct {
		name   string
		schema contract.Schema
		text   string
		want   string
	}{
		{"shortest", text, "ab", ok},
		{"too short", text, "a", "x: must have at least 2 characters"},
		{"empty", text, "", "x: must have at least 2 characters"},
		{"longest", text, "abcd", ok},
		{"characters, not bytes", text, "äöü😀", ok},
		{"short in characters", text, "😀", "x: must have at least 2 characters"},
		{"too long", text, "abcde", "x: must have at most 4 characters, not 5"},
		{"combining marks count", text, "e\u0301e\u0301e", "x: must have at most 4 characters, not 5"},
		{"invalid UTF-8", text, "a\xffb", "x: must be UTF-8"},
		{"surrogate in UTF-8", text, "a\xed\xa0\x80", "x: must be UTF-8"},
		{"no limits", contract.Schema{Type: contract.TypeString}, "", ok},
		{"any type takes text", free, "what{ever", ok},

		{"in the enum", order, "desc", ok},
		{"not in the enum", order, "DESC", "x: must be one of asc, desc"},
		{"enum, empty", order, "", "x: must be one of asc, desc"},

		{"pattern", word, "abc", ok},
		{"pattern, other", word, "abC", "x: must match ^[a-z]+$"},
		{"pattern, line break at the end", word, "abc\n", "x: must match ^[a-z]+$"},

		{"date", date, "2026-05-11T08:31:45Z", ok},
		{"date with fraction and offset", date, "2026-05-11T08:31:45.207123456-07:00", ok},
		{"date, leap day", date, "2024-02-29T00:00:00Z", ok},
		{"date, no leap day", date, "2026-02-29T00:00:00Z", "x: must be a date and time in RFC 3339"},
		{"date without zone", date, "2026-05-11T08:31:45", "x: must be a date and time in RFC 3339"},
		{"date with a space", date, "2026-05-11 08:31:45Z", "x: must be a date and time in RFC 3339"},
		{"date with an hour of one digit", date, "2026-05-11T8:31:45Z", "x: must be a date and time in RFC 3339"},
		{"date with a comma", date, "2026-05-11T08:31:45,5Z", "x: must be a date and time in RFC 3339"},
		{"date with an offset of a day", date, "2026-05-11T08:31:45+24:00", "x: must be a date and time in RFC 3339"},
		{"date only", date, "2026-05-11", "x: must be a date and time in RFC 3339"},
		{"date, empty", date, "", "x: must be a date and time in RFC 3339"},

		{"uri", address, "https://u:p@example.com/a?b#c", ok},
		{"uri without scheme", address, "example.com/a", "x: must be an absolute URL"},
		{"uri, relative scheme", address, "//example.com/a", "x: must be an absolute URL"},
		{"uri, bad escape", address, "https://example.com/%zz", "x: must be an absolute URL"},
		{"uri, control character", address, "https://example.com/\n", "x: must be an absolute URL"},

		{"true", flag, "true", ok},
		{"false", flag, "false", ok},
		{"flag, capital", flag, "True", "x: must be true or false"},
		{"flag, digit", flag, "1", "x: must be true or false"},
		{"flag, empty", flag, "", "x: must be true or false"},

		{"integer", whole, "-42", ok},
		{"integer, largest", whole, "9223372036854775807", ok},
		{"integer, overflow", whole, "9223372036854775808", "x: must be an integer"},
		{"integer, underflow", whole, "-9223372036854775809", "x: must be an integer"},
		{"integer, fraction", whole, "1.0", "x: must be an integer"},
		{"integer, exponent", whole, "1e3", "x: must be an integer"},
		{"integer, space", whole, " 1", "x: must be an integer"},
		{"integer, underscore", whole, "1_000", "x: must be an integer"},
		{"integer, hexadecimal", whole, "0x10", "x: must be an integer"},
		{"integer, other digits", whole, "١", "x: must be an integer"},
		{"integer, empty", whole, "", "x: must be an integer"},
		{"lowest", pages, "1", ok},
		{"too low", pages, "0", "x: must be at least 1"},
		{"highest", pages, "31536000", ok},
		{"too high", pages, "31536001", "x: must be at most 31536000"},

		{"number", number, "-1.5e-3", ok},
		{"number, out of range", number, "1e400", "x: must be a number"},
		{"NaN", number, "NaN", "x: must be a number"},
		{"infinity", number, "Inf", "x: must be a number"},
		{"infinity, long", number, "-infinity", "x: must be a number"},
		{"number, hexadecimal", number, "0x1p-2", "x: must be a number"},
		{"number, space", number, " 1", "x: must be a number"},
		{"number, no digit before the point", number, ".5", "x: must be a number"},
		{"number, quoted", number, `"1"`, "x: must be a number"},
		{"number, empty", number, "", "x: must be a number"},
		{"number, lowest", ratio, "-1.5", ok},
		{"number, too low", ratio, "-1.6", "x: must be at least -1.5"},
		{"number, highest", ratio, "2.5", ok},
		{"number, too high", ratio, "2.51", "x: must be at most 2.5"},

		{"object", object, `{"a":"bc"}`, ok},
		{"object, spaced", object, ` { } `, ok},
		{"object, one byte more", object, `{"a":"bcd"}`, "x: must be at most 10 bytes of JSON, not 11"},
		{"object, bytes and not characters", object, `{"a":"éé"}`, "x: must be at most 10 bytes of JSON, not 12"},
		{"object, invalid UTF-8", object, "{\"\xff\":1}", "x: must be UTF-8"},
		{"object, array", object, `[1]`, "x: must be a JSON object"},
		{"object, null", object, `null`, "x: must be a JSON object"},
		{"object, text", object, `a=b`, "x: must be a JSON object"},
		{"object, cut", object, `{"a":1`, "x: must be a JSON object"},
		{"object, two", object, `{}{}`, "x: must be a JSON object"},
		{"object, empty", object, ``, "x: must be a JSON object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := contract.CheckText(&tt.schema, "x", tt.text, faults)
			if got := strings.Join(messages(t, err), "; "); got != tt.want {
				t.Fatalf("CheckText(%q) = %q, want %q", tt.text, got, tt.want)
			}
			if err == nil {
				return
			}
			if !errors.Is(err, badRequest) || pointers(t, err)[0] != "x" {
				t.Errorf("not a bad request at x: %#v", err)
			}
		})
	}
}

func TestCheckTextNamesTheViolationOfTheSchema(t *testing.T) {
	t.Parallel()
	s := &contract.Schema{Type: contract.TypeString, MaxLength: 3, Violation: badID}
	err := contract.CheckText(s, "id", "abcd", faults)
	if !errors.Is(err, badID) || errors.Is(err, badRequest) {
		t.Errorf("got %v", err)
	}
}

func TestCheckTextOfADeepObject(t *testing.T) {
	t.Parallel()
	s := &contract.Schema{Type: contract.TypeObject}
	bomb := strings.Repeat(`{"a":`, 1_000_000) + "1" + strings.Repeat("}", 1_000_000)
	if contract.CheckText(s, "x", bomb, faults) == nil {
		t.Error("a million levels are accepted")
	}
}

func TestCheckOneOf(t *testing.T) {
	t.Parallel()
	names := []string{"file", "url"}
	tests := []struct {
		name  string
		names []string
		given []string
		want  string
	}{
		{"no rule", nil, nil, ""},
		{"none", names, []string{"id"}, "one of file or url is required"},
		{"one", names, []string{"id", "url"}, ""},
		{"both", names, []string{"url", "file"}, "file and url are mutually exclusive"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(messages(t, contract.CheckOneOf(tt.names, tt.given, faults)), "; ")
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// lowerCase is what the generator makes of ^[a-z]+$.
var lowerCase = &contract.Pattern{Text: `^[a-z]+$`, Steps: []contract.Step{
	{Kind: contract.StepBegin, Next: 1},
	{Kind: contract.StepRune, Runes: "az", Next: 2},
	{Kind: contract.StepEither, Next: 1, Or: 3},
	{Kind: contract.StepEnd, Next: 4},
	{Kind: contract.StepAccept},
}}

// FuzzDate holds dates against the grammar of RFC 3339 and the calendar.
func FuzzDate(f *testing.F) {
	for _, seed := range []string{
		"2026-05-11T08:31:45Z", "2026-05-11T8:31:45Z", "2026-05-11T08:31:45.123+23:59", "2026-05-11T08:31:45,5Z", "2026-05-11T08:31:45-24:00",
		"2026-05-11T08:31:45+01:60", "2026-05-11T08:31:45", "2026-05-11T08:31:45.Z", "T", "2026-05-11T08:31Z", "2026-05-11T08:31:45+1:00",
	} {
		f.Add(seed)
	}
	grammar := regexp.MustCompile(`^.{10}T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)
	date := &contract.Schema{Type: contract.TypeString, Format: "date-time"}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := time.Parse(time.RFC3339, text)
		want := err == nil && grammar.MatchString(text)
		if got := contract.CheckText(date, "x", text, faults) == nil; got != want {
			t.Errorf("%q is accepted: %t, want %t", text, got, want)
		}
	})
}
