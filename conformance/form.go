package conformance

import (
	"bytes"
	"fmt"
	"strings"
)

// boundary delimits the parts of every form the suite writes.
const boundary = "----conformance-7d1f0c93b85e"

// form is a multipart body written by hand, so that it can be wrong.
type form struct {
	parts []part
}

type part struct {
	name, filename, contentType string
	file                        bool
	body                        []byte
}

// newForm makes a form of text parts, given as names and values.
func newForm(namesAndValues ...string) *form {
	f := &form{}
	for i := 0; i < len(namesAndValues); i += 2 {
		f.text(namesAndValues[i], namesAndValues[i+1])
	}
	return f
}

func (f *form) text(name, value string) *form {
	f.parts = append(f.parts, part{name: name, body: []byte(value)})
	return f
}

// image adds a sample as the part named file.
func (f *form) image(s sample) *form { return f.file("file", s.filename, s.contentType, s.body) }

func (f *form) file(name, filename, contentType string, body []byte) *form {
	f.parts = append(f.parts, part{name, filename, contentType, true, body})
	return f
}

// value returns the text of the last part of a name.
func (f *form) value(name string) string {
	text := ""
	for _, p := range f.parts {
		if p.name == name && !p.file {
			text = string(p.body)
		}
	}
	return text
}

func (f *form) has(name string) bool {
	for _, p := range f.parts {
		if p.name == name {
			return true
		}
	}
	return false
}

// encode writes the form. A form without parts is only its closing delimiter.
func (f *form) encode() []byte {
	var b bytes.Buffer
	for _, p := range f.parts {
		fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=%q", boundary, p.name)
		if p.file {
			fmt.Fprintf(&b, `; filename="%s"`, escapeFilename(p.filename))
		}
		if p.contentType != "" {
			fmt.Fprintf(&b, "\r\nContent-Type: %s", p.contentType)
		}
		b.WriteString("\r\n\r\n")
		b.Write(p.body)
		b.WriteString("\r\n")
	}
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return b.Bytes()
}

// escapeFilename writes a filename as browsers do.
func escapeFilename(name string) string {
	return strings.NewReplacer("\r", "%0D", "\n", "%0A", `"`, "%22").Replace(name)
}

// request makes the request that posts the form.
func (f *form) request(path string) request {
	return request{method: "POST", path: path, body: f.encode(), contentType: formType}
}

const formType = "multipart/form-data; boundary=" + boundary
