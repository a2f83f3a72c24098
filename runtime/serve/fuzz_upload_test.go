package serve_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/server"
)

// FuzzUpload sends any form to a server that keeps what it is given: whatever is
// taken is what the standard library reads, to the last byte.
func FuzzUpload(f *testing.F) {
	large := strings.Repeat("\r\n--\r\n--Bx\r\n", 8<<10)
	for _, body := range []string{
		parts(file, "PNG"),
		parts(`name="id"`, "a", file, "PNG", `name="metadata"`, `{"a":1}`),
		parts(`name="id"`, "a", file, large),
		parts(file, large, `name="id"`, "a"),
		parts(`name="id"`, "a", file, large, `name="creator"`, "me"),
		parts(`name="id"`, "a", file, large)[:60_000],
		parts(`name="x"`, "--B--", file, "--B\r\n"),
		parts(file+"; x="+strings.Repeat("y", 9000), "PNG"),
		"--B\r\nContent-Type: multipart/mixed; boundary=B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n--B\r\n\r\n\r\n--B--\r\n--B--\r\n",
		"--B\r\nContent-Disposition: form-data;\r\n name=\"file\"\r\n\r\nPNG\r\n--B--",
		"x\r\n--B\nContent-Disposition: form-data; name=file\n\nPNG\n--B--\n",
		parts(`name="metadata.a"`, "1", `name="anonymous_file"; filename="a"`, "PNG"),
		"--B\nContent-Disposition: form-data; name=file\r\n\r\nPNG\r\n--B--",
		"--B--", "",
	} {
		f.Add([]byte(body), false, int64(0), true)
		f.Add([]byte(body), true, int64(100), false)
	}
	f.Fuzz(func(t *testing.T, body []byte, lenient bool, spool int64, known bool) {
		var kept []byte
		s := &stub{upload: func(in api.ImageUpload) (*api.Image, error) {
			if in.File == nil {
				return &api.Image{ID: in.URL}, nil
			}
			r, err := in.File.Open()
			if err != nil {
				return nil, err
			}
			content, err := io.ReadAll(r)
			if err != nil {
				return nil, err
			}
			kept = content
			return &api.Image{ID: in.ID}, nil
		}}
		opts := []server.Option{server.WithSpool(spool)}
		if lenient {
			opts = append(opts, server.WithLenient())
		}
		r := httptest.NewRequest(http.MethodPost, accounts+"/v1", bytes.NewReader(body))
		r.Header.Set("Content-Type", form)
		r.Header.Set("Authorization", "Bearer t")
		if !known {
			r.ContentLength = -1
		}
		w := httptest.NewRecorder()
		serving(s, opts...).ServeHTTP(w, r)
		switch {
		case w.Code >= 500:
			t.Fatalf("%d %s", w.Code, w.Body)
		case w.Code != 200:
			checkEnvelope(t, w.Header(), w.Body.Bytes())
		case kept != nil && !holds(body, kept):
			t.Fatalf("%q is kept as %q", body, kept)
		}
	})
}

// holds reports whether the standard library finds a part with the content. Of a
// form whose end it does not know, because of white space there, the content is
// looked for in the text.
func holds(body, content []byte) bool {
	r := multipart.NewReader(bytes.NewReader(body), "B")
	found := false
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return found
		}
		if err != nil {
			return found || bytes.Contains(body, content)
		}
		b, err := io.ReadAll(p)
		if err != nil {
			return found || bytes.Contains(body, content)
		}
		found = found || bytes.Equal(b, content)
	}
}

// FuzzOptions sends any headers to a mock with every option that looks at them.
func FuzzOptions(f *testing.F) {
	for _, s := range [][5]string{
		{"GET", "/v1/seed/blob", "bytes=1-3", "", "*/*"},
		{"GET", "/v1/seed/blob", "bytes=9999-", "", "image/*"},
		{"GET", "/v2", "", "https://a.example", "text/plain, application/json;q=0.5"},
		{"HEAD", "/v1/seed", "", "null", ""},
		{"OPTIONS", "/v1/seed", "", "https://a.example", ""},
		{"GET", "/v1/nothing", "", "", "text/plain"},
	} {
		f.Add(s[0], s[1], s[2], s[3], s[4], "gzip;q=1", "x=1")
	}
	h := seeded(f, server.WithHEAD(), server.WithCORS("https://a.example"), server.WithNegotiation(), server.WithGzip(1), server.WithStrictQuery(),
		server.WithLenient(), server.WithLimits(server.Limits{Header: 1000}))
	f.Fuzz(func(t *testing.T, method, path, ranged, origin, accept, encoding, query string) {
		if method == "DELETE" || method == "PUT" || method == "PATCH" || method == "POST" {
			return // the mock is shared
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Method = method
		r.URL.Path, r.URL.RawQuery = "/client/v4"+accounts+path, query
		for name, value := range map[string]string{
			"Range": ranged, "If-None-Match": ranged, "Origin": origin, "Accept": accept, "Accept-Encoding": encoding, "Authorization": "Bearer t",
		} {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch text := strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain"); {
		case w.Code >= 500:
			t.Fatalf("%d %s", w.Code, w.Body)
		case w.Code >= 400 && text && !strings.HasPrefix(w.Body.String(), "ERROR "):
			t.Fatalf("%d %q", w.Code, w.Body)
		case w.Code >= 400 && !text:
			checkEnvelope(t, w.Header(), w.Body.Bytes())
		}
	})
}
