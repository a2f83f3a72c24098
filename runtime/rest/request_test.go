package rest_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/runtime/rest"
)

func TestIDsArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	arrived := make(chan string, 1)
	mux.HandleFunc("GET /client/v4/accounts/{account}/images/v1/{id}/blob", func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.PathValue("id")
		w.Header().Set("Content-Type", "image/png")
		_, _ = io.WriteString(w, "pixels")
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	c, err := client.New(account, client.WithBaseURL(server.URL+"/client/v4/"), client.WithToken(token))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{
		"a/b", "a?b#c", "%2F", "%", "😀", " ", "a b", "a+b", "a/../b", "...", "//", "a//", "Keys", ";=&:@$,!*'()", "\x00\n",
		`\"<>`, "{id}", "%252e", "..%2Fkeys", strings.Repeat("é", 1024),
	} {
		s, err := c.GetImageBlob(t.Context(), id)
		if err != nil {
			t.Errorf("%q: %v", id, err)
			continue
		}
		_ = s.Close()
		if got := <-arrived; got != id {
			t.Errorf("%q arrived as %q", id, got)
		}
	}
}

func TestIDsThatNoPathCarries(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", ".", "..", "keys", "stats", "variants"} {
		s := &script{steps: []step{answer(200, oneImage)}}
		c := dial(t, s)
		_, err := c.GetImage(t.Context(), id)
		if err == nil || len(s.requests()) != 0 {
			t.Errorf("%q is sent: %v", id, err)
		} else if asError(t, err, "GetImage").Status != 0 || !errors.Is(err, api.ErrBadRequest) {
			t.Errorf("%q: %v", id, err)
		}
		if len(id) > 2 {
			continue
		}
		if _, err := client.New(id); err == nil {
			t.Errorf("a client of account %q is made", id)
		}
	}
}

func TestNewRefusesABaseURL(t *testing.T) {
	t.Parallel()
	for _, base := range []string{
		"", "/client/v4", "ftp://example.com", "https://", "example.com/v4", "https://user:pa55@example.com", "https://pa55@example.com",
		"https://example.com?a=pa55", "https://example.com#pa55", "https://example.com:pa55", "https://exa mple.com/pa55", "://pa55",
		"https://example.com/?",
	} {
		_, err := client.New(account, client.WithBaseURL(base))
		if err == nil {
			t.Errorf("%q is accepted", base)
		} else if strings.Contains(err.Error(), "pa55") {
			t.Errorf("a secret is shown: %v", err)
		}
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		call func(c *client.Client) error
		want string // method and address
		body string
	}{
		{
			"list without parameters",
			func(c *client.Client) error { _, err := c.ListImages(t.Context(), api.ListImagesParams{}); return err },
			"GET https://api.example/v4/accounts/acc0/images/v2", "",
		},
		{
			"list with all",
			func(c *client.Client) error {
				_, err := c.ListImages(t.Context(), api.ListImagesParams{
					Creator: new("a&b=c d+é"), PerPage: 5, SortOrder: api.SortOrderAsc, ContinuationToken: "x/+=",
					Filter: filter.All(filter.Eq("a", "x|y&z"), filter.Gt("n", 3)),
				})
				return err
			},
			"GET https://api.example/v4/accounts/acc0/images/v2?creator=a%26b%3Dc+d%2B%C3%A9&sort_order=asc&per_page=5&continuation_token=x%2F%2B%3D" +
				"&meta.a%5Beq%3Astring%5D=x%7Cy%26z&meta.n%5Bgt%3Anumber%5D=3", "",
		},
		{
			"list with a filter only",
			func(c *client.Client) error {
				_, err := c.ListImages(t.Context(), api.ListImagesParams{Filter: filter.All(filter.Eq("a", true))})
				return err
			},
			"GET https://api.example/v4/accounts/acc0/images/v2?meta.a%5Beq%3Aboolean%5D=true", "",
		},
		{
			"list with an empty creator",
			func(c *client.Client) error {
				_, err := c.ListImagesV1(t.Context(), api.ListImagesV1Params{Creator: new("")})
				return err
			},
			"GET https://api.example/v4/accounts/acc0/images/v1?creator=", "",
		},
		{
			"edit to false",
			func(c *client.Client) error {
				_, err := c.EditImage(t.Context(), "a/b", api.ImageEdit{RequireSignedURLs: new(false), Metadata: api.Meta{"a": "<\u2028>"}})
				return err
			},
			"PATCH https://api.example/v4/accounts/acc0/images/v1/a%2Fb", "{\"metadata\":{\"a\":\"<\u2028>\"},\"requireSignedURLs\":false}",
		},
		{
			"edit of nothing",
			func(c *client.Client) error { _, err := c.EditImage(t.Context(), "a", api.ImageEdit{}); return err },
			"PATCH https://api.example/v4/accounts/acc0/images/v1/a", "{}",
		},
		{
			"empty form",
			func(c *client.Client) error {
				_, err := c.CreateDirectUpload(t.Context(), api.DirectUpload{})
				return err
			},
			"POST https://api.example/v4/accounts/acc0/images/v2/direct_upload", "",
		},
		{
			"delete",
			func(c *client.Client) error { return c.DeleteImage(t.Context(), "a") },
			"DELETE https://api.example/v4/accounts/acc0/images/v1/a", "",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &script{steps: []step{answer(200, `{"result":{"id":"a","images":[]},"success":true}`)}}
			if err := tt.call(dial(t, s, client.WithUserAgent("gallery/1"))); err != nil {
				t.Fatal(err)
			}
			got := s.requests()[0]
			if sent := got.req.Method + " " + got.req.URL.String(); sent != tt.want || got.body != tt.body {
				t.Errorf("sent %s %s\nwant %s %s", sent, got.body, tt.want, tt.body)
			}
			header := got.req.Header
			if header.Get("Authorization") != "Bearer "+token || header.Get("User-Agent") != "gallery/1" || header.Get("Accept") != "application/json" {
				t.Errorf("header %v", header)
			}
			if (header.Get("Content-Type") != "") != (tt.body != "") {
				t.Errorf("Content-Type %q of %q", header.Get("Content-Type"), tt.body)
			}
		})
	}
}

func TestKeyAndEmailAreSent(t *testing.T) {
	t.Parallel()
	s := &script{steps: []step{answer(200, oneImage)}}
	c, err := client.New(account, client.WithKey("me@example.com", "k3y"), client.WithHTTPClient(&http.Client{Transport: s}))
	if err != nil {
		t.Fatal(err)
	}
	if e := get(t.Context(), t, c); e != nil {
		t.Fatal(e)
	}
	h := s.requests()[0].req.Header
	if h.Get("X-Auth-Email") != "me@example.com" || h.Get("X-Auth-Key") != "k3y" || h.Get("Authorization") != "" {
		t.Errorf("header %v", h)
	}
}

func TestStreamsAskForTheirType(t *testing.T) {
	t.Parallel()
	s := &script{steps: []step{answer(200, "PNG", "Content-Type", "image/png")}}
	stream, err := dial(t, s).GetImageBlob(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	if got := s.requests()[0].req.Header.Get("Accept"); got != "image/*, application/json;q=0.5" {
		t.Errorf("Accept %q", got)
	}
	if b, err := io.ReadAll(stream); string(b) != "PNG" || err != nil || stream.Size != 3 || stream.ContentType != "image/png" {
		t.Errorf("%q, %v, %+v", b, err, stream)
	}
}

func TestUploadForm(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]*api.File{
		"known size":   api.Bytes("cat.png", []byte("PNG")),
		"unknown size": api.Reader("cat.png", io.MultiReader(strings.NewReader("PNG"))),
	} {
		s := &script{steps: []step{answer(200, oneImage)}}
		_, err := dial(t, s).UploadImage(t.Context(), api.ImageUpload{File: file, ID: "a/b", Metadata: api.Meta{"k": 1}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := s.requests()[0]
		_, params, err := mime.ParseMediaType(got.req.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		form, err := multipart.NewReader(strings.NewReader(got.body), params["boundary"]).ReadForm(1 << 20)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if form.Value["id"][0] != "a/b" || form.Value["metadata"][0] != `{"k":1}` || form.File["file"][0].Filename != "cat.png" {
			t.Errorf("%s: %+v", name, form)
		}
		if known := got.req.ContentLength == int64(len(got.body)); known != (name == "known size") {
			t.Errorf("%s: length %d of %d", name, got.req.ContentLength, len(got.body))
		}
	}
}

func TestRefusedBeforeAByteIsSent(t *testing.T) {
	t.Parallel()
	png := api.Bytes("a.png", []byte("PNG"))
	tests := []struct {
		name, operation, want string
		call                  func(c *client.Client) error
	}{
		{"no source", "UploadImage", "one of file or url is required", func(c *client.Client) error {
			_, err := c.UploadImage(t.Context(), api.ImageUpload{ID: "a"})
			return err
		}},
		{"two sources", "UploadImage", "file and url are mutually exclusive", func(c *client.Client) error {
			_, err := c.UploadImage(t.Context(), api.ImageUpload{File: png, URL: "https://a.b/c"})
			return err
		}},
		{"filter", "ListImages", "maximum 5 allowed", func(c *client.Client) error {
			terms := []filter.Term{}
			for range 6 {
				terms = append(terms, filter.Eq("a", 1))
			}
			_, err := c.ListImages(t.Context(), api.ListImagesParams{Filter: filter.All(terms...)})
			return err
		}},
		{"metadata", "UploadImage", "unsupported type", func(c *client.Client) error {
			_, err := c.UploadImage(t.Context(), api.ImageUpload{File: png, Metadata: api.Meta{"f": func() {}}})
			return err
		}},
		{"JSON", "EditImage", "unsupported type", func(c *client.Client) error {
			_, err := c.EditImage(t.Context(), "a", api.ImageEdit{Metadata: api.Meta{"f": func() {}}})
			return err
		}},
		{"no such file", "UploadImage", "no such file", func(c *client.Client) error {
			_, err := c.UploadImage(t.Context(), api.ImageUpload{File: api.OpenFile("testdata/none")})
			return err
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &script{steps: []step{answer(200, oneImage)}}
			err := tt.call(dial(t, s, client.WithRetries(3)))
			if err == nil || len(s.requests()) != 0 {
				t.Fatalf("%d requests, %v", len(s.requests()), err)
			}
			if e := asError(t, err, tt.operation); !strings.Contains(e.Error(), tt.want) || e.Status != 0 {
				t.Errorf("got %v", e)
			}
		})
	}
}

func TestUploadToSendsNoCredentials(t *testing.T) {
	t.Parallel()
	s := &script{steps: []step{answer(200, oneImage)}}
	img, err := client.UploadTo(t.Context(), "https://upload.example/h/a%2Fb", api.Bytes("a.png", []byte("PNG")),
		client.WithHTTPClient(&http.Client{Transport: s}), client.WithToken(token), client.WithKey("me@example.com", "k3y"), client.WithUserAgent("gallery/1"))
	if err != nil || img.ID != "a" {
		t.Fatalf("%+v, %v", img, err)
	}
	req := s.requests()[0].req
	if req.URL.String() != "https://upload.example/h/a%2Fb" || req.Method != http.MethodPost {
		t.Errorf("%s %s", req.Method, req.URL)
	}
	for name, values := range req.Header {
		switch name {
		case "Accept", "Content-Type", "User-Agent":
		default:
			t.Errorf("%s: %s is sent", name, values)
		}
	}
}

func TestUploadToFails(t *testing.T) {
	t.Parallel()
	png := api.Bytes("a.png", []byte("PNG"))
	tests := []struct {
		name, url string
		file      *api.File
		step      step
		is        error
		requests  int
	}{
		{"no file", "https://upload.example/s3cret", nil, lost, nil, 0},
		{"bad address", "https://upload.example:s3cret/", png, lost, nil, 0},
		{"control character", "https://upload.example/s3cret\n", png, lost, nil, 0},
		{"lost", "https://upload.example/s3cret", png, lost, io.ErrUnexpectedEOF, 1},
		{"refused", "https://upload.example/s3cret", png, answer(404, noImage), api.ErrImageNotFound, 1},
		{"text", "https://upload.example/s3cret", png, answer(415, "ERROR 5455: unsupported\n"), api.ErrUnsupportedImage, 1},
		{"busy, and sent once", "https://upload.example/s3cret", png, answer(503, "busy"), nil, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &script{steps: []step{tt.step}}
			_, err := client.UploadTo(t.Context(), tt.url, tt.file, client.WithHTTPClient(&http.Client{Transport: s}))
			if err == nil || tt.is != nil && !errors.Is(err, tt.is) {
				t.Fatalf("got %v", err)
			}
			asError(t, err, "UploadTo")
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the address is shown: %v", err)
			}
			if n := len(s.requests()); n != tt.requests || s.leaks() != 0 {
				t.Errorf("%d requests, %d answers open", n, s.leaks())
			}
		})
	}
}

func TestNothingIsSentOfAFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	r := io.MultiReader(bytes.NewReader([]byte("PNG")), failing{broken})
	s := &script{steps: []step{answer(200, oneImage)}}
	_, err := dial(t, s, client.WithRetries(3)).UploadImage(t.Context(), api.ImageUpload{File: api.Reader("a.png", r)})
	if !errors.Is(err, broken) || len(s.requests()) != 0 {
		t.Errorf("%d requests, %v", len(s.requests()), err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestMember(t *testing.T) {
	t.Parallel()
	pick := func(s *string) int { return len(*s) }
	if n, err := rest.Member(new("abc"), nil, pick); n != 3 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := rest.Member(nil, io.EOF, pick); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("%d, %v", n, err)
	}
}

// TestShadowedIDs asks only where another operation has the path.
func TestShadowedIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"keys", "public"} {
		s := &script{steps: []step{answer(200, `{"result":{"variant":{"id":"x"}},"success":true,"errors":[],"messages":[]}`)}}
		if _, err := dial(t, s).GetVariant(t.Context(), id); err != nil || len(s.requests()) != 1 {
			t.Errorf("%q: %d requests, %v", id, len(s.requests()), err)
		}
	}
}

func TestHeadersThatCannotBeSent(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]client.Option{
		"empty token":    client.WithToken(""),
		"token":          client.WithToken("secret-one\r\nX: y"),
		"e-mail address": client.WithKey("me@example.com\n", "secret-two"),
		"user agent":     client.WithUserAgent("a\x00b"),
	} {
		_, err := client.New(account, opt)
		if err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "me@") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
