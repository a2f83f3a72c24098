package form_test

import (
	"bytes"
	"mime"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
)

func kind(name string, code, status int, message string) *contract.ErrorKind {
	return &contract.ErrorKind{Name: name, Code: code, Status: status, Message: message}
}

var (
	badRequest    = kind("BadRequest", 5400, 400, "Bad request")
	tooLarge      = kind("EntityTooLarge", 7011, 413, "Request entity is too large")
	imageTooLarge = kind("ImageTooLarge", 5413, 413, "Maximum image size of 10 Mb is reached")
	faults        = &contract.Faults{BadRequest: badRequest, TooLarge: tooLarge}
)

const maxFile = 2000

func property(name string, s contract.Schema) contract.Property {
	return contract.Property{Name: name, Schema: &s}
}

var upload = &contract.Body{Kind: contract.BodyForm, Required: true, Schema: &contract.Schema{
	Type: contract.TypeObject,
	Properties: []contract.Property{
		property("file", contract.Schema{Type: contract.TypeBinary, MaxBytes: maxFile, Violation: imageTooLarge}),
		property("url", contract.Schema{Type: contract.TypeString, Format: "uri"}),
		property("id", contract.Schema{Type: contract.TypeString, MinLength: 1, MaxLength: 20}),
		property("creator", contract.Schema{Type: contract.TypeString}),
		property("metadata", contract.Schema{Type: contract.TypeObject, MaxBytes: 100}),
		property("requireSignedURLs", contract.Schema{Type: contract.TypeBoolean}),
		property("expiry", contract.Schema{Type: contract.TypeString, Format: "date-time"}),
		property("count", contract.Schema{Type: contract.TypeInteger}),
		property("ratio", contract.Schema{Type: contract.TypeNumber}),
	},
	OneOf: []string{"file", "url"},
}}

// openBody is a form that demands nothing.
var openBody = &contract.Body{Kind: contract.BodyForm, Schema: &contract.Schema{
	Type: contract.TypeObject, Properties: upload.Schema.Properties,
}}

// decode reads a form as a server does.
func decode(contentType string, body []byte, want *contract.Body) (*form.Values, error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, err
	}
	return form.Decode(bytes.NewReader(body), params["boundary"], want, faults, form.Options{})
}

// raw builds a form from parts that are written out, header and content. The
// content stays as it is.
func raw(parts ...string) []byte {
	var b strings.Builder
	for _, p := range parts {
		header, content, found := strings.Cut(p, "\n\n")
		b.WriteString("--b\r\n" + strings.ReplaceAll(header, "\n", "\r\n"))
		if found {
			b.WriteString("\r\n\r\n" + content)
		}
		b.WriteString("\r\n")
	}
	return []byte(b.String() + "--b--\r\n")
}

const rawType = "multipart/form-data; boundary=b"

func textPart(name, text string) string {
	return `Content-Disposition: form-data; name="` + name + `"` + "\n\n" + text
}

func filePart(name, filename, text string) string {
	return `Content-Disposition: form-data; name="` + name + `"; filename="` + filename + `"` + "\n\n" + text
}
