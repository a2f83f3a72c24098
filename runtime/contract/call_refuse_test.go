package contract_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
)

// refused returns what is wrong with a form for sure.
func refused(in contract.Input, body *contract.Body, files []contract.FilePart, now time.Time) error {
	var fields contract.Fields
	in.AppendFields(&fields)
	given := contract.Request{Files: files}.Parts()
	if err := contract.RefuseForm(api.Contract, body, fields.List, given, now); err != nil {
		return err
	}
	return nil
}

func TestRefuseUpload(t *testing.T) {
	t.Parallel()
	const uuid = "0F8FAD5B-d9cb-469f-a165-70867728950e"
	png := api.Bytes("a.png", []byte("PNG"))
	meta := func(n int) api.Meta { return api.Meta{"a": strings.Repeat("x", n-len(`{"a":""}`))} }
	tests := []struct {
		name string
		in   api.ImageUpload
		want error
	}{
		{"file", api.ImageUpload{File: png, ID: "a/b.png", Metadata: meta(1024), Creator: new("")}, nil},
		{"private", api.ImageUpload{File: png, RequireSignedURLs: true}, nil},
		{"address", api.ImageUpload{URL: "https://user:pass@a.example/b.png"}, nil},
		{"10 MiB", api.ImageUpload{File: png.WithSize(10 << 20)}, nil},
		{"unknown size", api.ImageUpload{File: png.WithSize(-1)}, nil},
		{"no source", api.ImageUpload{ID: "a"}, api.ErrBadRequest},
		{"two sources", api.ImageUpload{File: png, URL: "https://a.example/b"}, api.ErrBadRequest},
		{"a byte over 10 MiB", api.ImageUpload{File: png.WithSize(10<<20 + 1)}, api.ErrImageTooLarge},
		{"metadata", api.ImageUpload{File: png, Metadata: meta(1025)}, api.ErrBadRequest},
		{"id of a slash at the end", api.ImageUpload{File: png, ID: "a/"}, api.ErrInvalidCustomID},
		{"id of a slash at the start", api.ImageUpload{File: png, ID: "/a"}, api.ErrInvalidCustomID},
		{"long id", api.ImageUpload{File: png, ID: strings.Repeat("é", 1025)}, api.ErrInvalidCustomID},
		{"longest id", api.ImageUpload{File: png, ID: strings.Repeat("é", 1024)}, nil},
		{"UUID", api.ImageUpload{File: png, ID: uuid}, api.ErrInvalidCustomID},
		{"almost a UUID", api.ImageUpload{File: png, ID: uuid + "x"}, nil},
		{"private with an id", api.ImageUpload{File: png, ID: "a", RequireSignedURLs: true}, api.ErrCustomIDCannotBePrivate},
		{"creator", api.ImageUpload{File: png, Creator: new(strings.Repeat("x", 1025))}, api.ErrBadRequest},
	}
	for _, tt := range tests {
		err := refused(tt.in, api.OpUploadImage.Body, tt.in.Parts(), time.Now())
		if (err == nil) != (tt.want == nil) || err != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestRefuseExpiry(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 11, 8, 0, 0, 0, time.UTC)
	for after, ok := range map[time.Duration]bool{
		-time.Hour: false, 0: false, 59 * time.Second: false, // a clock may be wrong by a minute
		time.Minute: true, 2 * time.Minute: true, time.Hour: true, 6 * time.Hour: true, 6*time.Hour + time.Minute: true,
		6*time.Hour + 62*time.Second: false, 24 * time.Hour: false,
	} {
		err := refused(api.DirectUpload{Expiry: now.Add(after)}, api.OpCreateDirectUpload.Body, nil, now)
		if (err == nil) != ok || err != nil && !errors.Is(err, api.ErrBadRequest) {
			t.Errorf("%s: %v", after, err)
		}
	}
	if err := refused(api.DirectUpload{}, api.OpCreateDirectUpload.Body, nil, now); err != nil {
		t.Error(err)
	}
}

func TestRefuseJSON(t *testing.T) {
	t.Parallel()
	body := api.OpEditImage.Body
	long := strings.Repeat("x", 1100)
	for text, want := range map[string]error{
		`{}`:                                   nil,
		`{"metadata":{"a":"b"}}`:               nil,
		`{"creator":"` + long + `"}`:           nil, // an edit's own check is the service's
		`{"metadata":null,"x":"` + long + `"}`: nil,
		`{"metadata":{"a":"` + long + `"}}`:    api.ErrBadRequest,
		`{"metadata":{"a":"` + strings.Repeat("x", 2<<20) + `"}}`: api.ErrEntityTooLarge,
	} {
		err := contract.RefuseJSON(api.Contract, body, []byte(text))
		if (err == nil) != (want == nil) || err != nil && !errors.Is(err, want) {
			t.Errorf("%.40s: %v, want %v", text, err, want)
		}
	}
}

// TestWhatMayComeIsNotRefused: an enum may grow, and a caller must not have to wait
// for a new client.
func TestWhatMayComeIsNotRefused(t *testing.T) {
	t.Parallel()
	body := &contract.Body{Schema: &contract.Schema{Properties: []contract.Property{
		{Name: "fit", Schema: &contract.Schema{Type: contract.TypeString, Enum: []string{"old"}}},
	}}}
	fields := []contract.Field{{Name: "fit", Value: "new"}, {Name: "other", Value: "x"}}
	if err := contract.RefuseForm(api.Contract, body, fields, nil, time.Now()); err != nil {
		t.Error(err)
	}
}
