package form_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/internal/formtest"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
)

// FuzzDecode checks that any body is either refused by a typed error or read
// as values that can be sent again and arrive the same.
func FuzzDecode(f *testing.F) {
	f.Add(raw(filePart("file", "cat.png", formtest.PNG), textPart("id", "a/b"), textPart("metadata", `{"k":[1,null]}`)))
	f.Add(raw(textPart("url", "https://example.com/x.png"), textPart("requireSignedURLs", "false")))
	f.Add(raw(textPart("metadata.k", "v")))
	f.Add(raw(filePart("file", `a\"b%22\\`, "")))
	f.Add(raw(filePart("file", `a\`, "")))
	f.Add(raw("Content-Disposition: form-data; name=file; filename*=utf-8''%e2%82%ac\n\nx"))
	f.Add(raw())
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n"))
	f.Add([]byte("--b--"))
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := decode(rawType, body, openBody)
		if err != nil {
			if _, ok := errors.AsType[*contract.Error](err); !ok {
				t.Fatalf("an untyped error: %v", err)
			}
			return
		}
		resend(t, v)
	})
}

func resend(t *testing.T, v *form.Values) {
	t.Helper()
	var fields []contract.Field
	for _, p := range openBody.Schema.Properties {
		if text := v.TextPtr(p.Name); text != nil {
			fields = append(fields, contract.Field{Name: p.Name, Value: *text})
		}
	}
	file := v.File("file")
	b, err := contract.EncodeForm(fields, []contract.FilePart{{Name: "file", File: file}})
	if err != nil {
		if file != nil && strings.ContainsFunc(file.Name(), func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return // an extended value can say what a header cannot
		}
		t.Fatal(err)
	}
	if b == nil {
		return
	}
	again, err := decode(b.ContentType, formtest.Written(t, b), openBody)
	if err != nil {
		t.Fatalf("what was accepted is refused when sent again: %v", err)
	}
	for _, field := range fields {
		if again.Text(field.Name) != field.Value {
			t.Errorf("%s: %q becomes %q", field.Name, field.Value, again.Text(field.Name))
		}
	}
	if file == nil {
		return
	}
	got := again.File("file")
	if formtest.Content(t, got) != formtest.Content(t, file) {
		t.Error("the file's content changed")
	}
	literal := strings.NewReplacer("%22", "", "%0D", "", "%0A", "").Replace(file.Name()) != file.Name()
	if !literal && got.Name() != file.Name() {
		t.Errorf("filename %q becomes %q", file.Name(), got.Name())
	}
}
