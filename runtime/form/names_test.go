package form_test

import (
	"bytes"
	"mime/multipart"
	"testing"

	"github.com/cfimages/cfimages/internal/formtest"
	"github.com/cfimages/cfimages/runtime/contract"
)

var nastyNames = []string{
	"cat.png", "my cat.png", " leading and trailing ", `say "cheese".png`, `"`, `""`, `a\b.png`, `a\\b`, `\`, `a\`,
	`C:\Users\me\cat.png`, "../../etc/passwd", "/abs/cat.png", "a;b=c.png", "a, b", "naïve 猫 🐈.png", "100%.png", "%2F%20",
	"line\nfeed", "carriage\r\nreturn", "tab\there", `mix \" of both`, `ends in quote"`, "'single'", "=?utf-8?B?eA==?=", ".", "..",
}

func received(t *testing.T, contentType string, body []byte) string {
	t.Helper()
	v, err := decode(contentType, body, upload)
	if err != nil {
		t.Fatal(err)
	}
	return v.File("file").Name()
}

func TestNamesRoundTrip(t *testing.T) {
	for _, name := range nastyNames {
		b := formtest.Encode(t, nil, contract.FilePart{Name: "file", File: contract.Bytes(name, []byte(formtest.PNG))})
		if got := received(t, b.ContentType, formtest.Written(t, b)); got != name {
			t.Errorf("%q arrives as %q", name, got)
		}
	}
}

func TestNamesFromMimeMultipart(t *testing.T) {
	for _, name := range append(nastyNames, `"literal %22"`) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		if _, err := w.CreateFormFile("file", name); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got := received(t, w.FormDataContentType(), b.Bytes()); got != name {
			t.Errorf("%q arrives as %q", name, got)
		}
	}
}

// TestNamesFromMimeReader reads our forms by the standard library, which knows
// no percent escapes.
func TestNamesFromMimeReader(t *testing.T) {
	for _, name := range []string{"my cat.png", "naïve 猫.png", "a\\b;c.png", "100%.png"} {
		b := formtest.Encode(t, nil, contract.FilePart{Name: "file", File: contract.Bytes(name, nil)})
		boundary := b.ContentType[len("multipart/form-data; boundary="):]
		p, err := multipart.NewReader(bytes.NewReader(formtest.Written(t, b)), boundary).NextPart()
		if err != nil || p.FormName() != "file" || p.FileName() != name {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestNamesAsClientsWriteThem has what was seen on the wire.
func TestNamesAsClientsWriteThem(t *testing.T) {
	for header, want := range map[string]string{
		`name="file"; filename="a%22b\c é.png"`:                               `a"b\c é.png`,      // curl 7.88, browsers
		`name="file"; filename="a\"b\\c%22 é.png"`:                            `a"b\c%22 é.png`,   // curl --form-escape
		`name="file"; filename="folder\"`:                                     `folder\`,          // browsers
		`name="file"; filename="a\(1).png"`:                                   `a\(1).png`,        // browsers
		`name="file"; filename="%0a%2f"`:                                      `%0a%2f`,           // not an escape of theirs
		`name=file; filename=cat.png; filename*=utf-8''cat.png`:               `cat.png`,          // .NET
		`name=file; filename="=?utf-8?B?w6k=?="; filename*=utf-8''%C3%A9.png`: `é.png`,            // .NET
		`name="file"; filename*=UTF-8'en'na%C3%AFve%20cat.png`:                `naïve cat.png`,    // Python
		`name="file"; filename="plain.png"; filename*=iso-8859-1''na%EFve`:    `plain.png`,        // another charset
		`name="file"; filename="plain.png"; filename*=utf-8''%zz`:             `plain.png`,        // malformed
		`filename="first\"quoted.png"; name="file"`:                           `first"quoted.png`, // another order
		`name="file"; filename=""`:                                            `file`,             // no file chosen
		`name="file"; filename="cat.png";`:                                    `cat.png`,          // trailing semicolon
	} {
		body := raw("Content-Disposition: form-data; " + header + "\n\nx")
		if got := received(t, rawType, body); got != want {
			t.Errorf("%s\nis read as %q, want %q", header, got, want)
		}
	}
}
