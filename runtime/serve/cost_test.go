//go:build !race

package serve_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
)

// discarded is an answer nobody looks at.
type discarded struct {
	header http.Header
	status int
}

func (d *discarded) Header() http.Header         { return d.header }
func (d *discarded) WriteHeader(status int)      { d.status = status }
func (d *discarded) Write(p []byte) (int, error) { return len(p), nil }

// repeated makes a request again and again, at no cost of its own.
func repeated(t *testing.T, h http.Handler, method, target, contentType string, body []byte) func() {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Authorization": {"Bearer t"}}
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	content := bytes.NewReader(body)
	var r http.Request
	w := &discarded{header: http.Header{}}
	return func() {
		r = http.Request{Method: method, URL: u, Header: header, ContentLength: int64(len(body)), Body: http.NoBody}
		if body != nil {
			content.Reset(body)
			r.Body = io.NopCloser(content)
		}
		clear(w.header)
		if h.ServeHTTP(w, &r); w.status != http.StatusOK {
			t.Fatalf("%s %s is answered %d", method, target, w.status)
		}
	}
}

// TestCost guards what a request costs, validation included. Package bench
// compares it with other servers.
func TestCost(t *testing.T) {
	img := &api.Image{ID: "a", Variants: []string{"https://a.example"}, Meta: api.StoredMeta(`{"a":1}`)}
	buf := make([]byte, 64<<10)
	h := serving(&stub{
		get: func(string) (*api.Image, error) { return img, nil },
		list: func(api.ListImagesParams) (*api.ImagePage, error) {
			return &api.ImagePage{Images: []api.Image{*img}}, nil
		},
		create: func(in api.VariantCreate) (*api.Variant, error) {
			return &api.Variant{ID: in.ID, Options: in.Options}, nil
		},
		upload: func(in api.ImageUpload) (*api.Image, error) {
			r, err := in.File.Open()
			if err != nil {
				return nil, err
			}
			_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, r, buf)
			return img, err
		},
	})
	variant := []byte(`{"id":"hero","options":{"fit":"scale-down","metadata":"none","width":1366,"height":768,"blur":20},"neverRequireSignedURLs":true}`)
	upload := func(size int) []byte {
		return []byte(parts(`name="id"`, "a/b", `name="metadata"`, `{"a":1}`, `name="creator"`, "me", file, strings.Repeat("x", size)))
	}
	for name, tt := range map[string]struct {
		run            func()
		allocs, kbytes float64
	}{
		"get": {repeated(t, h, "GET", accounts+"/v1/a", "", nil), 12, 2},
		"list": {repeated(t, h, "GET", accounts+"/v2?creator=u&sort_order=asc&per_page=9&continuation_token=x"+
			"&meta.a[eq]=x&meta.b[gte:number]=3&meta.c[in]=x%7Cy", "", nil), 25, 3},
		"create variant": {repeated(t, h, "POST", accounts+"/v1/variants", jsonType, variant), 24, 3},
		"upload 1 MiB":   {repeated(t, h, "POST", accounts+"/v1", form, upload(1<<20)), 60, 8},
		"upload 10 MiB":  {repeated(t, h, "POST", accounts+"/v1", form, upload(10<<20)), 60, 8},
	} {
		if got := testing.AllocsPerRun(50, tt.run); got > tt.allocs {
			t.Errorf("%s allocates %v times, want at most %v", name, got, tt.allocs)
		}
		if got := allocated(tt.run, 50); got > tt.kbytes {
			t.Errorf("%s allocates %.1f kB, want at most %v", name, got, tt.kbytes)
		}
	}
}

// allocated is how many kilobytes a run takes, on average.
func allocated(run func(), times int) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		run()
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / float64(times) / 1000
}
