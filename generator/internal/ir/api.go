// Package ir is the model between reading a specification and writing Go: all
// names, types and defaults are final here, so an emitter only spells them.
// It knows neither OpenAPI nor jennifer.
package ir

// API is everything the emitters write.
type API struct {
	// Title and Version are the specification's own.
	Title, Version string
	// Source is the specification's path, as generated files name it.
	Source string
	// BaseURL is the address of the real service, without a trailing slash.
	BaseURL  string
	Envelope Envelope
	// BaseURLEnv is the environment variable for another address; or empty.
	BaseURLEnv string
	// Security are the ways to authenticate, each a set of schemes.
	Security [][]Scheme
	// Errors is the catalogue, in the order of the specification.
	Errors []Error
	// Binds are the path parameters that are given once, in the order of the
	// paths. Every operation has all of them.
	Binds []Arg
	// Operations are in the order of the specification.
	Operations []Operation
	// Inputs are the structs of query parameters and forms.
	Inputs []Input
	// Models are the names of the schemas that oapi-codegen writes as Go types.
	Models []string
	// Scans are the models that answers hold, but for those that encoding/json
	// alone can read.
	Scans []Scan
	// Schemas are what request bodies and parameters must satisfy and more than
	// one place refers to, each after those it refers to.
	Schemas []NamedSchema
	// Patterns are the regular expressions of schemas, in the order of their text.
	Patterns []Pattern
	// Filter is the metadata filter language, nil when no operation has one.
	Filter *Filter
}

// Envelope names the members of the JSON object around every answer.
type Envelope struct {
	Result, Success, Errors, Messages string
}

// Scheme is one credential of a request.
type Scheme struct {
	Name   string // "api_key"
	Arg    string // "apiKey"
	Header string // "X-Auth-Key"
	Bearer bool
	Env    string // the environment variable that may hold it; or empty
}

// Error is an entry of the error catalogue.
type Error struct {
	Name     string // "ImageNotFound"
	GoName   string // "ErrImageNotFound"
	Code     int
	Status   int
	Message  string
	Evidence string
	// Role is the field of contract.Faults this entry fills: "NoRoute"; or
	// empty.
	Role string
}

// Arg is a path parameter as an argument of a Go method.
type Arg struct {
	Wire   string // "image_id"
	GoName string // "imageID"
	// Field is the name of the field that oapi-codegen's request object has
	// for it: "ImageID".
	Field  string
	Doc    string
	Schema Schema
	// Env is the environment variable of a bound parameter; or empty.
	Env string
}

// Operation is one method of the service.
type Operation struct {
	ID         string // "getImage"
	Name       string // "GetImage"
	Var        string // "OpGetImage"
	Method     string
	Path       string // "/accounts/{account_id}/images/v1/{image_id}"
	Doc        string
	Deprecated string // the reason; empty when the operation is not deprecated
	Args       []Arg
	// Query is nil when the operation takes no query parameters and no filter.
	Query *Input
	// Body is nil when the operation takes none.
	Body   *Body
	Result Result
	// Errors are the Go names of the catalogue entries it may answer.
	Errors []string
	Page   *Page
	// Filtered operations take the API's filter.
	Filtered bool
	Upload   *Upload
	// Example is the value the Go method returns, as compact JSON; or empty.
	Example string
}

// Input is a struct whose fields travel as query parameters or form parts.
type Input struct {
	GoName string // "ListImagesParams"
	Doc    string
	Form   bool
	Fields []Field
	// Filter says that the struct has a field Filter.
	Filter bool
}

// FieldKind says how a field is held in Go and written on the wire.
type FieldKind int

// The kinds of fields. Those without Ptr hold types whose zero value cannot be
// meant, so that zero means "not set".
const (
	FieldText FieldKind = iota + 1
	FieldTextPtr
	FieldEnum
	FieldInt
	FieldIntPtr
	FieldFloatPtr
	FieldBool
	FieldBoolPtr
	FieldTime
	FieldObject
	FieldFile
)

// Field is one query parameter or form part.
type Field struct {
	Wire   string // "requireSignedURLs"
	GoName string // "RequireSignedURLs"
	Doc    string
	Kind   FieldKind
	// Type is the Go type of an enum or object field, declared in package api.
	Type     string
	Required bool
	Schema   Schema
}

// Body is a request body.
type Body struct {
	Form     bool
	Required bool
	// Type is the Go type in package api: an [Input] for a form, a model for
	// JSON.
	Type string
	// Input is the form's struct; nil for JSON.
	Input  *Input
	Schema Schema
}

// ResultKind says what an operation answers.
type ResultKind int

// The kinds of results.
const (
	ResultJSON ResultKind = iota + 1
	ResultNone
	ResultStream
)

// Result is what an operation answers on success.
type Result struct {
	Kind ResultKind
	// Type is the Go type in package api of the envelope's result.
	Type string
	// Member, MemberField and MemberType are set when the method returns a
	// member of the result instead of the result: "variant", "Variant", and
	// the member's type.
	Member, MemberField string
	MemberType          Type
	// Reply is oapi-codegen's type of the successful response:
	// "GetImage200JSONResponse".
	Reply string
	// ReplyFields are the Go names of the envelope's members in it.
	ReplyFields Envelope
	// MediaType is what a stream is served as.
	MediaType string
}

// Type is a Go type made of types of package api.
type Type struct {
	Kind TypeKind
	Name string // element or named type; a basic type is in Basic
	// Basic is set instead of Name for string, int64, float64 and bool.
	Basic string
}

// TypeKind says how the element is held.
type TypeKind int

// The kinds of types.
const (
	TypeNamed TypeKind = iota + 1 // *T for structs when returned
	TypeSlice
	TypeMap // with string keys
)

// Page describes a paginated list.
type Page struct {
	All               string // "AllImages"
	Token             bool   // false: numbered pages
	Items             string // wire name
	ItemsField        string // "Images"
	ItemType          string // "Image"
	TokenIn, TokenOut string // wire names
	TokenInField      string
	TokenOutField     string
	TokenOutPtr       bool   // the token's field is a pointer
	Number, Size      string // wire names
	NumberField       string
}

// Upload is a one-time upload to a URL that the operation answers.
type Upload struct {
	Name   string // "UploadTo"
	Field  string // the result's Go field that holds the URL: "UploadURL"
	Part   string // wire name of the file part
	Result string // Go type of the answer's result: "Image"
	// Schema is what the file must satisfy.
	Schema Schema
}

// Filter is the language of metadata filters.
type Filter struct {
	Prefix      string
	MaxTerms    int
	MaxLevels   int
	MaxElements int
	MaxPath     int
	Segment     string
	Separator   string
	Operators   []FilterOperator
}

// FilterOperator is one operator of the filter language.
type FilterOperator struct {
	Name   string // "eq"
	GoName string // "Eq"
	Match  string // the constant of package metafilter: "MatchEqual"
	List   bool
	Types  []string // "String", "Number", "Boolean"
	Doc    string
}
