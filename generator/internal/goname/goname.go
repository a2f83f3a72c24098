// Package goname spells the names of a specification as Go does. It agrees
// with what oapi-codegen makes of the same names under its normalizer
// ToCamelCaseWithInitialisms, whose own function only works after a
// generation has set the library's global state.
package goname

import (
	"go/token"
	"regexp"
	"strings"
	"unicode"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// initialisms are the words oapi-codegen writes in capitals.
const initialisms = " ACL API ASCII CPU CSS DNS EOF GUID HTML HTTP HTTPS ID IP JSON QPS RAM RPC SLA SMTP SQL SSH TCP" +
	" TLS TTL UDP UI GID UID UUID URI URL UTF8 VM XML XMPP XSRF XSS SIP RTP AMQP DB TS "

// Exported returns the name as an exported identifier: "BookID" for
// "book_id".
func Exported(name string) string { return strings.Join(words(name), "") }

// Unexported returns the name as an identifier that is not exported:
// "bookID" for "book_id". A keyword gets the suffix Arg.
func Unexported(name string) string {
	ws := words(name)
	if len(ws) == 0 {
		return ""
	}
	if isInitialism(ws[0]) {
		ws[0] = strings.ToLower(ws[0])
	} else {
		first := []rune(ws[0])
		first[0] = unicode.ToLower(first[0])
		ws[0] = string(first)
	}
	s := strings.Join(ws, "")
	if token.IsKeyword(s) {
		return s + "Arg"
	}
	return s
}

func words(name string) []string {
	ws := regexp.MustCompile(`[\p{Lu}\d]+([\p{Ll}\d]+|$)`).FindAllString(codegen.ToCamelCaseWithDigits(name), -1)
	for i, w := range ws {
		if isInitialism(w) {
			ws[i] = strings.ToUpper(w)
		}
	}
	return ws
}

func isInitialism(word string) bool {
	return strings.Contains(initialisms, " "+strings.ToUpper(word)+" ")
}
