package fake

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// links makes the URLs of one account below one address.
type links struct{ base, hash string }

// upload returns the URL that takes the file of a draft.
//
// [documented] An upload URL is the upload host, the account's hash and the draft's id.
func (l links) upload(id string) string { return l.base + "/" + l.hash + "/" + escapeID(id) }

// variants returns the delivery URLs of an image, one for each variant.
//
// [documented] Delivery URLs are the delivery host, the account's hash, the image's id
// and the variant's, in the order of names.
func (l links) variants(id string, names []string) []string {
	prefix := l.base + "/" + l.hash + "/" + escapeID(id) + "/"
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = prefix + name
	}
	return out
}

// escapeID writes an id into the path of a URL.
//
// [documented] Ids stand in delivery URLs as they are, except that % becomes %25.
// [assumed] What would end the path or make the URL malformed is encoded, too.
func escapeID(id string) string {
	if !strings.ContainsFunc(id, mustEscape) {
		return id
	}
	var b strings.Builder
	for len(id) > 0 {
		r, n := utf8.DecodeRuneInString(id)
		for _, c := range []byte(id[:n]) {
			if mustEscape(r) {
				const digits = "0123456789ABCDEF"
				b.Write([]byte{'%', digits[c>>4], digits[c&15]})
			} else {
				b.WriteByte(c)
			}
		}
		id = id[n:]
	}
	return b.String()
}

func mustEscape(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.IsSpace(r) ||
		strings.ContainsRune("%?#\"<>\\^`{|}[]", r)
}
