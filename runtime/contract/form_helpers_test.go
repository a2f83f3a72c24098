package contract_test

import (
	"io"
	"testing"

	"github.com/cfimages/cfimages/runtime/contract"
)

// written returns the bytes of a form.
func written(t *testing.T, b *contract.Form) []byte {
	t.Helper()
	out, err := send(b)
	if err != nil {
		t.Fatal(err)
	}
	if b.Length >= 0 && b.Length != int64(len(out)) {
		t.Fatalf("Length is %d, the body has %d bytes", b.Length, len(out))
	}
	return out
}

// send reads a form to its end.
func send(b *contract.Form) ([]byte, error) {
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

func encode(t *testing.T, fields []contract.Field, parts ...contract.FilePart) *contract.Form {
	t.Helper()
	b, err := contract.EncodeForm(fields, parts)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// content reads a file to its end.
func content(t *testing.T, f *contract.File) string {
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

// plain hides everything of a reader but Read.
type plain struct{ io.Reader }

// seeking hides everything but Read and Seek.
type seeking struct{ io.ReadSeeker }

const png = "\x89PNG\r\n\x1a\n followed by pixels"
