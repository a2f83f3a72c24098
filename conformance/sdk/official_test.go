package sdk

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/images"
)

// official are the SDK's own tests of images, and how each ends against the mock.
var official = map[string]string{
	"TestV1NewWithOptionalParams":             "skip", // by the SDK; see TestUploadThatTheSDKSkips
	"TestV1ListWithOptionalParams":            "pass",
	"TestV1Delete":                            "pass",
	"TestV1EditWithOptionalParams":            "pass",
	"TestV1Get":                               "pass",
	"TestV1BlobGet":                           "pass",
	"TestV1KeyUpdate":                         "pass",
	"TestV1KeyList":                           "pass",
	"TestV1KeyDelete":                         "pass",
	"TestV1StatGet":                           "pass",
	"TestV1VariantNewWithOptionalParams":      "pass",
	"TestV1VariantList":                       "pass",
	"TestV1VariantDelete":                     "pass",
	"TestV1VariantEditWithOptionalParams":     "pass",
	"TestV1VariantGet":                        "pass",
	"TestV2ListWithOptionalParams":            "fail", // it filters by <field> and asks for the page after "continuation_token"
	"TestV2DirectUploadNewWithOptionalParams": "skip", // by the SDK; see TestDirectUploadThatTheSDKSkips
}

// TestOfficialTests runs the tests of the SDK as they are. Each expects an account
// with an image image_id, a key someKey and a variant hero, unless it makes them.
func TestOfficialTests(t *testing.T) {
	t.Parallel()
	front := httptest.NewServer(expected(t, mock.New()))
	defer front.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-json", "-run", "^TestV[12]", "github.com/cloudflare/cloudflare-go/v7/images")
	cmd.Env = append(os.Environ(), "TEST_API_BASE_URL="+front.URL+"/client/v4")
	out, err := cmd.Output()
	if err == nil {
		t.Error("no test failed; one is known to send what no server can answer")
	}
	got, text := ended(out)
	if !maps.Equal(got, official) {
		t.Errorf("the SDK's tests end with %v, want %v\n%s", got, official, text)
	}
	if why := "replace <field> by a field name"; !strings.Contains(text, why) {
		t.Errorf("%q is not in\n%s", why, text)
	}
}

// ended returns how each test ended, and what all of them printed.
func ended(out []byte) (map[string]string, string) {
	ends, text := map[string]string{}, ""
	for line := range bytes.Lines(out) {
		var event struct{ Action, Test, Output string }
		if json.Unmarshal(line, &event) != nil {
			continue
		}
		text += event.Output
		if event.Test != "" && slices.Contains([]string{"pass", "fail", "skip"}, event.Action) {
			ends[event.Test] = event.Action
		}
	}
	return ends, text
}

// expected puts the account in the state that the SDK's tests expect before every
// request. No image that may become private has an id of one's own choice, so one
// with a generated id stands for image_id.
func expected(t *testing.T, m *mock.Mock) http.Handler {
	t.Helper()
	handler, in := m.Handler(), sample(t)
	options := api.VariantOptions{Fit: api.VariantFitCover, Metadata: api.VariantMetadataNone, Width: 100, Height: 50}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.Reset()
		a := m.World().Account(accountID)
		img, err := a.UploadImage(r.Context(), api.ImageUpload{File: api.Bytes(in.Name, in.Content)})
		if err == nil {
			_, err = a.PutSigningKey(r.Context(), "someKey")
		}
		if err == nil && r.Method != http.MethodPost {
			_, err = a.CreateVariant(r.Context(), api.VariantCreate{ID: "hero", Options: options})
		}
		if err != nil {
			t.Error(err)
			return
		}
		r.URL.Path = strings.Replace(r.URL.Path, "/image_id", "/"+img.ID, 1)
		r.URL.RawPath, r.RequestURI = "", r.URL.RequestURI()
		handler.ServeHTTP(w, r)
	})
}

// TestUploadThatTheSDKSkips sends what the SDK's skipped test of uploads sends. It
// is refused; with one thing after another made possible it works.
func TestUploadThatTheSDKSkips(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	in := sample(t)
	params := images.V1NewParams{
		AccountID:         account,
		ID:                cloudflare.F("id"),
		Creator:           cloudflare.F("creator"),
		File:              cloudflare.F(io.Reader(bytes.NewBuffer([]byte("Example data")))),
		Metadata:          cloudflare.F[any](map[string]any{}),
		RequireSignedURLs: cloudflare.F(true),
		URL:               cloudflare.F("https://example.com/path/to/logo.png"),
	}
	send := func() (*images.Image, error) { return s.v1.New(ctx, params) }
	_, err := send()
	if text := refused(t, err, 400, 5400); !strings.Contains(text, "mutually exclusive") {
		t.Errorf("a file and a URL are refused with %q", text)
	}
	params.URL.Present = false
	params.File.Value = bytes.NewBuffer([]byte("Example data"))
	_, err = send()
	refused(t, err, 400, 5410) // private, with an id of one's own
	params.ID.Present = false
	params.File.Value = bytes.NewBuffer([]byte("Example data"))
	_, err = send()
	refused(t, err, 415, 5455) // no image
	params.File.Value = bytes.NewReader(in.Content)
	img, err := send()
	if err != nil {
		t.Fatal(err)
	}
	if img.ID == "id" || img.Creator != "creator" || !img.RequireSignedURLs || img.Meta != nil || img.Filename != "anonymous_file" || len(img.Variants) != 1 {
		t.Errorf("the upload answered %s", img.JSON.RawJSON())
	}
	s.compare(t, in, img.ID)
	s.stored(t, 1)
}

// TestDirectUploadThatTheSDKSkips does so with the skipped test of direct uploads.
func TestDirectUploadThatTheSDKSkips(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	params := images.V2DirectUploadNewParams{
		AccountID:         account,
		ID:                cloudflare.F("this/is/my-customid"),
		Creator:           cloudflare.F("creator"),
		Expiry:            cloudflare.F(time.Now()),
		Metadata:          cloudflare.F[any](map[string]any{}),
		RequireSignedURLs: cloudflare.F(true),
	}
	_, err := s.v2.DirectUploads.New(ctx, params)
	refused(t, err, 400, 5410) // private, with an id of one's own
	params.RequireSignedURLs.Present = false
	_, err = s.v2.DirectUploads.New(ctx, params)
	if text := refused(t, err, 400, 5400); !strings.Contains(text, "expiry") {
		t.Errorf("an expiry of now is refused with %q", text)
	}
	params.Expiry = cloudflare.F(time.Now().Add(time.Hour))
	target, err := s.v2.DirectUploads.New(ctx, params)
	if err != nil {
		t.Fatal(err)
	}
	if target.ID != "this/is/my-customid" || !strings.HasSuffix(target.UploadURL, "/this/is/my-customid") {
		t.Errorf("the target is %s", target.JSON.RawJSON())
	}
	draft, err := s.ours.GetImage(ctx, target.ID)
	if err != nil || !draft.Draft || *draft.Creator != "creator" || draft.RequireSignedURLs {
		t.Errorf("the draft is %+v, %v", draft, err)
	}
}
