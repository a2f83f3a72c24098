package realinput

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
)

// drawing is an SVG file of more than so many bytes.
func drawing(t *testing.T, size int) string {
	t.Helper()
	text := `<svg xmlns="http://www.w3.org/2000/svg"><!--` + strings.Repeat("\r\n--x", size/5) + `--></svg>`
	return write(t, "drawing.svg", []byte(text))
}

// TestFormsInAnyOrder has curl put the file before, between and after texts, small
// and larger than what a server holds of a form.
func TestFormsInAnyOrder(t *testing.T) {
	t.Parallel()
	u := serve(t).user("demo", "secret")
	for _, size := range []int{10, 100_000, 5 << 20} {
		path := drawing(t, size)
		want := content(t, path)
		for at := range 4 {
			fields := []string{"creator=me", `metadata={"a":1}`, "requireSignedURLs=false"}
			fields = slices.Insert(fields, at, "file=@"+path+";type=image/svg+xml")
			var args []string
			for _, f := range fields {
				args = append(args, "-F", f)
			}
			var img image
			u.call(t, append(args, u.images+"/v1")...).ok(t, &img)
			if img.Filename != "drawing.svg" || img.Creator == nil || *img.Creator != "me" || img.Meta["a"] != 1.0 {
				t.Errorf("%d bytes, file at %d: %+v", size, at, img)
			}
			a := u.call(t, u.images+"/v1/"+img.ID+"/blob")
			if a.status != 200 || !bytes.Equal(a.body, want) {
				t.Errorf("%d bytes, file at %d: the blob has %d bytes", size, at, len(a.body))
			}
		}
	}
}

// TestRangesAndText asks for a part of an image, for one that is known, and for a
// failure as text.
func TestRangesAndText(t *testing.T) {
	t.Parallel()
	u := serve(t).user("demo", "secret")
	in := one(t, "png")
	var img image
	u.call(t, "-F", "file=@"+in.Path, u.images+"/v1").ok(t, &img)
	blob := u.images + "/v1/" + img.ID + "/blob"
	a := u.call(t, "-r", "1-3", blob)
	if a.status != 206 || string(a.body) != "PNG" || !strings.HasPrefix(a.header.Get("Content-Range"), "bytes 1-3/") {
		t.Errorf("%d %q %v", a.status, a.body, a.header)
	}
	if a = u.call(t, "-H", "If-None-Match: "+a.header.Get("Etag"), blob); a.status != 304 || len(a.body) != 0 {
		t.Errorf("a known image is answered %d with %d bytes", a.status, len(a.body))
	}
	u.call(t, "-r", "99999999-", blob).refused(t, 416, 5400, "Range")
	a = u.call(t, "-H", "Accept: text/plain", u.images+"/v1/unknown")
	if a.status != 404 || string(a.body) != "ERROR 5404: Image not found\n" {
		t.Errorf("%d %q", a.status, a.body)
	}
}

// TestLenientServer has curl send what SDKs are known to send.
func TestLenientServer(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(mock.New().Handler(server.WithLenient()))
	t.Cleanup(srv.Close)
	u := &user{images: srv.URL + "/client/v4/accounts/demo/images", auth: []string{"-H", "Authorization: Bearer secret"}}
	in := one(t, "png")
	var img image
	a := u.call(t, "-F", "anonymous_file=@"+in.Path, "-F", "metadata.album=hats", "-F", "metadata.size.width=5", u.images+"/v1")
	a.ok(t, &img)
	inner, _ := img.Meta["size"].(map[string]any)
	if img.Meta["album"] != "hats" || inner["width"] != 5.0 || len(a.header.Values("Warning")) != 3 {
		t.Errorf("%+v, %v", img, a.header)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("--B--\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a = u.call(t, "-H", "Content-Type: multipart/form-data; boundary=B", "--data-binary", "@"+empty, u.images+"/v2/direct_upload")
	if a.status != 200 || !strings.Contains(a.header.Get("Warning"), "the form has no parts") {
		t.Errorf("%d %s %v", a.status, a.body, a.header)
	}
}
