package mutants

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// storedTextMutants store another text than they were sent.
func storedTextMutants() []mutant { return slices.Concat(storedIDs(), storedMetadata(), storedForms()) }

func storedIDs() []mutant {
	return []mutant{
		rewriting("M800", "encoding", "ids are composed before they are stored", "V1C-020", "id", func(s string) string {
			return strings.NewReplacer("e\u0301", "é", "u\u0308", "ü", "a\u0308", "ä", "o\u0308", "ö").Replace(s)
		}),
		rewriting("M801", "encoding", "ids are decoded before they are stored", "V1C-041", "id", func(s string) string {
			if d, err := url.PathUnescape(s); err == nil {
				return d
			}
			return s
		}),
		rewriting("M802", "encoding", "dots and double slashes in ids are taken as a path", "V1C-041", "id", func(s string) string {
			if strings.HasPrefix(s, "/") || strings.HasSuffix(s, "/") || s == "" {
				return s
			}
			return path.Clean(s)
		}),
		rewriting("M803", "encoding", "a plus in an id is a space", "V1C-041", "id", func(s string) string { return strings.ReplaceAll(s, "+", " ") }),
	}
}

// eachMember changes the members of stored metadata.
func eachMember(edit func(o object, k string, v any)) func(text string) string {
	return func(text string) string {
		o := parse([]byte(text))
		if o == nil || utf8.RuneCountInString(text) > 1000 {
			return text
		}
		before := jsonOf(o)
		for k, v := range o {
			edit(o, k, v)
		}
		if jsonOf(o) == before {
			return text
		}
		return jsonOf(o)
	}
}

func storedMetadata() []mutant {
	return []mutant{
		rewriting("M804", "metadata", "members that are null are dropped", "V1C-008", "metadata", eachMember(func(o object, k string, v any) {
			if v == nil {
				delete(o, k)
			}
		})),
		rewriting("M805", "metadata", "members that are empty texts are dropped", "V1C-008", "metadata", eachMember(func(o object, k string, v any) {
			if v == "" {
				delete(o, k)
			}
		})),
		rewriting("M806", "metadata", "empty arrays become null", "V1C-008", "metadata", eachMember(func(o object, k string, v any) {
			if list, ok := v.([]any); ok && len(list) == 0 {
				o[k] = nil
			}
		})),
		rewriting("M807", "metadata", "angle brackets and ampersands become entities", "V1C-008", "metadata", eachMember(func(o object, k string, v any) {
			if s, ok := v.(string); ok {
				o[k] = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
			}
		})),
		rewriting("M808", "metadata", "an array of one is its element", "V1C-008", "metadata", eachMember(func(o object, k string, v any) {
			if list, ok := v.([]any); ok && len(list) == 1 {
				o[k] = list[0]
			}
		})),
		rewriting("M809", "metadata", "empty objects inside are dropped", "V1C-008", "metadata", eachMember(func(o object, k string, v any) {
			if inner, ok := v.(object); ok && len(inner) == 0 {
				delete(o, k)
			}
		})),
	}
}

func storedForms() []mutant {
	names := func(edit func(name string) string) func(c *call) {
		return func(c *call) {
			if c.upload() {
				c.rewrite(func(f *field) bool {
					before := f.filename
					if f.file && f.filename != "" {
						f.filename = edit(f.filename)
					}
					return f.filename != before
				})
			}
		}
	}
	return []mutant{
		rewriting("M810", "creator", "spaces around a creator are cut off", "V1L-011 V2L-014", "creator", strings.TrimSpace),
		rewriting("M811", "creator", "a creator is cut after 255 characters", "V1C-050", "creator", func(s string) string { return string([]rune(s)[:min(255, len([]rune(s)))]) }),
		rewriting("M812", "creator", "a creator loses what is not ASCII", "V1C-014", "creator", asciiOnly),
		asking("M813", "upload", "a filename is cut after 100 characters", "V1C-051", names(func(s string) string { return string([]rune(s)[:min(100, len([]rune(s)))]) })),
		asking("M814", "upload", "a filename is in lower case", "V1C-005", names(strings.ToLower)),
	}
}
