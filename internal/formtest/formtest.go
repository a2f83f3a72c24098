// Package formtest makes and reads forms in tests.
package formtest

import (
	"io"
	"testing"

	"github.com/cfimages/cfimages/runtime/contract"
)

// PNG is what has the signature of a PNG image.
const PNG = "\x89PNG\r\n\x1a\n followed by pixels"

// Written returns the bytes of a form.
func Written(t *testing.T, b *contract.Form) []byte {
	t.Helper()
	out, err := Send(b)
	if err != nil {
		t.Fatal(err)
	}
	if b.Length >= 0 && b.Length != int64(len(out)) {
		t.Fatalf("Length is %d, the body has %d bytes", b.Length, len(out))
	}
	return out
}

// Send reads a form to its end.
func Send(b *contract.Form) ([]byte, error) {
	r, err := b.GetBody()
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(r)
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	return out, err
}

// Encode returns the form of fields and files.
func Encode(t *testing.T, fields []contract.Field, parts ...contract.FilePart) *contract.Form {
	t.Helper()
	b, err := contract.EncodeForm(fields, parts)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Content reads a file to its end.
func Content(t *testing.T, f *contract.File) string {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
