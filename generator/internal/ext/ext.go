// Package ext reads the extensions of OpenAPI that the generator understands.
// The vocabulary is closed: what is not understood is a mistake, because a
// misspelt key that is ignored changes the API in silence.
package ext

import (
	"time"

	"github.com/cfimages/cfimages/generator/internal/load"
)

// Envelope names the members of the object around every answer.
type Envelope struct {
	Result   string `ext:"result,required"`
	Success  string `ext:"success,required"`
	Errors   string `ext:"errors,required"`
	Messages string `ext:"messages"`
}

// Error is an entry of the error catalogue.
type Error struct {
	Node load.Node `ext:"-"`

	Name     string `ext:"name,required"`
	Code     int    `ext:"code,required"`
	Status   int    `ext:"status,required"`
	Message  string `ext:"message,required"`
	Evidence string `ext:"evidence,required" one:"documented sdk observed assumed"`
	Role     string `ext:"role" one:"badRequest unauthenticated forbidden noRoute methodNotAllowed unsupportedMediaType tooLarge canceled internal unimplemented"`
}

// Roles are the errors that the wire itself makes; the catalogue has an entry
// for each.
func Roles() []string { return oneOf(Error{}, "Role") }

// Page says how a list is continued.
type Page struct {
	Node load.Node `ext:"-"`

	Style    string `ext:"style,required" one:"token number"`
	Items    string `ext:"items,required"`
	All      string `ext:"all,required"`
	Size     string `ext:"size,required"`
	TokenIn  string `ext:"token_in"`
	TokenOut string `ext:"token_out"`
	Number   string `ext:"number"`
}

// Filter is a language of filters in query parameters.
type Filter struct {
	Node load.Node `ext:"-"`

	Prefix      string     `ext:"prefix,required"`
	MaxTerms    int        `ext:"max_terms,required"`
	MaxLevels   int        `ext:"max_levels,required"`
	MaxElements int        `ext:"max_elements,required"`
	MaxPath     int        `ext:"max_path,required"`
	Segment     string     `ext:"segment"`
	Separator   string     `ext:"separator,required"`
	Operators   []Operator `ext:"operators,required"`
}

// Operator is one operator of a [Filter].
type Operator struct {
	Node load.Node `ext:"-"`

	Name  string   `ext:"name,required"`
	Match string   `ext:"match,required" one:"equal notEqual less lessEqual greater greaterEqual prefix"`
	List  bool     `ext:"list"`
	Types []string `ext:"types,required" one:"string number boolean"`
	Doc   string   `ext:"doc,required"`
}

// Upload is a one-time upload to a URL that an operation answers.
type Upload struct {
	Node load.Node `ext:"-"`

	Name   string `ext:"name,required"`
	URL    string `ext:"url,required"`
	Part   string `ext:"part,required"`
	Result string `ext:"result,required"`
}

// Window is the range in which a time must lie, relative to now.
type Window struct {
	Min     time.Duration `ext:"min"`
	Max     time.Duration `ext:"max"`
	Default time.Duration `ext:"default"`
}

// Refusal is a combination of values that the service refuses for sure.
type Refusal struct {
	Node load.Node `ext:"-"`

	When     []Match `ext:"when,required"`
	Error    string  `ext:"error,required"`
	Why      string  `ext:"why"`
	Evidence string  `ext:"evidence,required" one:"documented sdk observed assumed"`
}

// Match is a property whose text matches a pattern.
type Match struct {
	Node load.Node `ext:"-"`

	Property string `ext:"property,required"`
	Pattern  string `ext:"pattern,required"`
}

// Env names the environment variables from which a client may be made.
type Env struct {
	Node load.Node `ext:"-"`

	BaseURL   string     `ext:"base_url"`
	Variables []Variable `ext:"variables,required"`
}

// Variable is the environment variable of a bound parameter or of a security
// scheme.
type Variable struct {
	Node load.Node `ext:"-"`

	Of   string `ext:"of,required"`
	Name string `ext:"name,required"`
}

// The keys of the vocabulary.
const (
	KeyBind      = "x-gen-bind"
	KeyEnv       = "x-gen-env"
	KeyEnvelope  = "x-gen-envelope"
	KeyErrors    = "x-gen-errors"
	KeyEvidence  = "x-gen-evidence"
	KeyFilter    = "x-gen-filter"
	KeyMaxBytes  = "x-gen-max-bytes"
	KeyOneOf     = "x-gen-one-of"
	KeyPage      = "x-gen-page"
	KeyRaw       = "x-gen-raw"
	KeyRefuse    = "x-gen-refuse"
	KeyResult    = "x-gen-result"
	KeyUpload    = "x-gen-upload"
	KeyViolation = "x-gen-violation"
	KeyWindow    = "x-gen-window"

	KeySkipPointer = "x-go-type-skip-optional-pointer"
	KeyOmitZero    = "x-omitzero"
	KeyReason      = "x-deprecated-reason"
)

// None is the value that switches the envelope or the result of an operation
// off.
const None = "none"

// Get decodes the extension under the key of a node. The second result is
// false when it is not there or malformed; [Check] tells the latter.
func Get[T any](n load.Node, key string) (T, bool) {
	var v T
	var problems load.Problems
	member := n.Get(key)
	if !member.Ok() {
		return v, false
	}
	decode(member, &v, &problems)
	return v, len(problems) == 0
}
