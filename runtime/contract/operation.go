package contract

import (
	"net/http"
	"time"

	"github.com/cfimages/cfimages/runtime/metafilter"
)

// Contract is one API.
type Contract struct {
	Title   string
	Version string
	// BaseURL is the address of the real service, without a trailing slash.
	BaseURL    string
	Security   []Requirement
	Operations []*Operation
	// Errors is the whole catalogue, in the order of the specification.
	Errors []*ErrorKind
	// Faults are the catalogue's entries for what goes wrong before an
	// implementation is asked.
	Faults   Faults
	Envelope Envelope
	// Env are the environment variables from which a client may be made.
	Env Env
}

// Env names environment variables; an empty name is none.
type Env struct {
	BaseURL string
	// Binds are those of the bound parameters, in their order.
	Binds []string
}

// Operation is one row of the operation table.
type Operation struct {
	// ID is the operationId of the specification, such as "getImage".
	ID string
	// Name is the Go method of the operation, such as "GetImage".
	Name   string
	Method string
	// Path is the template below the base URL, such as "/images/{image_id}".
	Path       string
	Deprecated bool
	// Binds are the path parameters that are given once, when a client is made
	// or a server resolves its account, in the order of the path.
	Binds []Param
	// PathParams are the other path parameters, in the order of the path.
	PathParams  []Param
	QueryParams []Param
	Body        *Body
	Result      Result
	Page        *Page
	Filter      *metafilter.Grammar
	// Errors are the catalogue entries this operation may answer.
	Errors []*ErrorKind
	// Example is the specification's example of the value the Go method
	// returns, as JSON; empty when there is none.
	Example string
}

// String returns the name of the Go method.
func (o *Operation) String() string { return o.Name }

// ReadOnly reports whether the operation changes nothing on the server.
func (o *Operation) ReadOnly() bool { return o.Method == http.MethodGet || o.Method == http.MethodHead }

// Idempotent reports whether sending the operation twice leaves the server as
// sending it once does (RFC 9110, section 9.2.2).
func (o *Operation) Idempotent() bool {
	return o.ReadOnly() || o.Method == http.MethodPut || o.Method == http.MethodDelete
}

// Param is a path or query parameter.
type Param struct {
	Name     string
	Required bool
	Schema   *Schema
}

// BodyKind says how a request body is written.
type BodyKind int

// The kinds of request bodies.
const (
	BodyJSON BodyKind = iota + 1
	BodyForm          // multipart/form-data
)

// Body is a request body.
type Body struct {
	Kind BodyKind
	// Required is false when the operation accepts a request without a body.
	Required bool
	Schema   *Schema
}

// ResultKind says what an operation answers.
type ResultKind int

// The kinds of results.
const (
	ResultJSON   ResultKind = iota + 1 // a value in the envelope
	ResultNone                         // an envelope whose result carries nothing
	ResultStream                       // bytes, without an envelope
)

// Result is what a successful operation answers.
type Result struct {
	Kind ResultKind
	// MediaType is what a stream is served as, such as "image/*".
	MediaType string
	// Member is the member of the envelope's result that the Go method
	// returns; empty when it returns the result itself.
	Member string
}

// PageStyle says how a list is continued.
type PageStyle int

// The styles of pagination.
const (
	PageToken  PageStyle = iota + 1 // an opaque token names the next page
	PageNumber                      // pages are counted from 1
)

// Page describes a paginated list.
type Page struct {
	Style PageStyle
	// Items is the result's member that holds the items.
	Items string
	// TokenOut is the result's member that holds the next page's token.
	TokenOut string
	// TokenIn, Number and Size are query parameters.
	TokenIn, Number, Size string
}

// Requirement is one way to authenticate: every scheme in it is needed.
type Requirement []Scheme

// Scheme is one credential of a request.
type Scheme struct {
	Name string
	// Header carries the credential. For a bearer scheme it is Authorization.
	Header string
	Bearer bool
	// Env is the environment variable that may hold the credential; or empty.
	Env string
}

// Envelope names the members of the JSON object around every answer.
type Envelope struct {
	Result, Success, Errors, Messages string
}

// Window is the range in which a time must lie, relative to now.
type Window struct {
	Min, Max, Default time.Duration
}

// Version2 exists so that generated code does not compile against a runtime
// that is too old for it. A change that generated code relies on renames it.
const Version2 = true
