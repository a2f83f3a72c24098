package rest_test

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/filter"
)

// The tests below are what other clients of this API were measured to get wrong:
// the official SDK (v7), its predecessor (v0), and clients that oapi-codegen and
// ogen generate.

// sentBy makes one call against an answer and returns the request.
func sentBy(t *testing.T, body string, call func(c *client.Client) error) seen {
	t.Helper()
	s := &script{steps: []step{answer(200, body)}}
	if err := call(dial(t, s)); err != nil {
		t.Fatal(err)
	}
	return s.requests()[0]
}

// partsOf returns the parts of a form in their order, as name, filename, type and
// content.
func partsOf(t *testing.T, r seen) []string {
	t.Helper()
	_, params, err := mime.ParseMediaType(r.req.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for form := multipart.NewReader(strings.NewReader(r.body), params["boundary"]); ; {
		p, err := form.NextPart()
		if err == io.EOF {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		content, _ := io.ReadAll(p)
		parts = append(parts, strings.Join([]string{p.FormName(), p.FileName(), p.Header.Get("Content-Type"), string(content)}, "|"))
	}
}

// v7 explodes metadata into parts named metadata.key, which the service refuses
// (cloudflare-go#4150); ogen sends an empty part for what is not set.
func TestPeersMetadataIsOnePart(t *testing.T) {
	t.Parallel()
	r := sentBy(t, oneImage, func(c *client.Client) error {
		_, err := c.UploadImage(t.Context(), api.ImageUpload{URL: "https://a.example/b", Metadata: api.Meta{"k": "v", "n": api.Meta{"d": 1}}})
		return err
	})
	want := []string{"url|||https://a.example/b", `metadata|||{"k":"v","n":{"d":1}}`}
	if got := partsOf(t, r); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	r = sentBy(t, oneImage, func(c *client.Client) error {
		_, err := c.UploadImage(t.Context(), api.ImageUpload{URL: "https://a.example/b"})
		return err
	})
	if got := partsOf(t, r); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// v7 names a file anonymous_file and labels it application/octet-stream, which the
// service answers with 5455.
func TestPeersFilesHaveTheirNameAndType(t *testing.T) {
	t.Parallel()
	const png = "\x89PNG\r\n\x1a\n"
	for name, file := range map[string]*api.File{
		"bytes":  api.Bytes("cat.png", []byte(png)),
		"reader": api.Reader("cat.png", io.MultiReader(strings.NewReader(png))),
		"seeker": api.Reader("cat.png", strings.NewReader(png)),
	} {
		r := sentBy(t, oneImage, func(c *client.Client) error {
			_, err := c.UploadImage(t.Context(), api.ImageUpload{File: file})
			return err
		})
		if got := partsOf(t, r); !slices.Equal(got, []string{"file|cat.png|image/png|" + png}) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// v7 sends a direct upload without options as a form without parts, which the
// service refuses (cloudflare-python#183).
func TestPeersAnEmptyFormIsNotSent(t *testing.T) {
	t.Parallel()
	r := sentBy(t, `{"result":{"id":"a","uploadURL":"https://u"},"success":true}`, func(c *client.Client) error {
		_, err := c.CreateDirectUpload(t.Context(), api.DirectUpload{})
		return err
	})
	if r.body != "" || r.req.Header.Get("Content-Type") != "" {
		t.Errorf("%q as %q", r.body, r.req.Header.Get("Content-Type"))
	}
}

// v7 sends the literal key meta.<field>[<operator>]; oapi-codegen does not escape
// keys, so that a field may inject parameters or cut the query.
func TestPeersFiltersAreOfTheirField(t *testing.T) {
	t.Parallel()
	r := sentBy(t, `{"result":{"images":[]},"success":true}`, func(c *client.Client) error {
		_, err := c.ListImages(t.Context(), api.ListImagesParams{Filter: filter.All(filter.In("region.name", "a&b", "c#d"))})
		return err
	})
	want := url.Values{"meta.region.name[in:string]": {"a&b|c#d"}}
	if got, err := url.ParseQuery(r.req.URL.RawQuery); err != nil || got.Encode() != want.Encode() {
		t.Errorf("%s, %v", r.req.URL.RawQuery, err)
	}
	for _, field := range []string{"a&per_page=10&b", "a#b", "a[b", ""} {
		s := &script{steps: []step{answer(200, "{}")}}
		_, err := dial(t, s).ListImages(t.Context(), api.ListImagesParams{Filter: filter.All(filter.Eq(field, "x"))})
		if !errors.Is(err, api.ErrBadRequest) || len(s.requests()) != 0 {
			t.Errorf("%q: %d requests, %v", field, len(s.requests()), err)
		}
	}
}

const (
	pageOne = `{"result":{"images":[{"id":"a"},{"id":"b"}],"continuation_token":"t"},"success":true}`
	pageTwo = `{"result":{"images":[{"id":"c"}],"continuation_token":null},"success":true}`
	noPage  = `{"result":{"images":[]},"success":true}`
)

// v7 looks for result.items and walks the V1 list without an image or an error; it
// has no walk of the V2 list at all (cloudflare-go#1443, #4351).
func TestPeersWalksSeeEveryImage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		steps []step
		walk  func(c *client.Client, prefetch bool) []string
	}{
		"V2": {[]step{answer(200, pageOne), answer(200, pageTwo)}, func(c *client.Client, prefetch bool) (ids []string) {
			for img, err := range c.With(client.WithPrefetch(prefetch)).AllImages(t.Context(), api.ListImagesParams{}) {
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, img.ID)
			}
			return ids
		}},
		"V1": {[]step{answer(200, pageOne), answer(200, pageTwo), answer(200, noPage)}, func(c *client.Client, prefetch bool) (ids []string) {
			//nolint:staticcheck // the deprecated list is walked wrongly, too
			for img, err := range c.With(client.WithPrefetch(prefetch)).AllImagesV1(t.Context(), api.ListImagesV1Params{}) {
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, img.ID)
			}
			return ids
		}},
	} {
		for _, prefetch := range []bool{false, true} {
			if got := c.walk(dial(t, &script{steps: c.steps}), prefetch); !slices.Equal(got, []string{"a", "b", "c"}) {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
}

// v7 and v0 do not escape ids: ../keys/x becomes another endpoint, a?b and a#b
// become the image a, %zz fails. oapi-codegen makes the collection of "..".
func TestPeersIDsStayOneSegment(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"../keys/x", "a?b", "a#b", "%zz", "a/b", "%2F"} {
		r := sentBy(t, `{"success":true}`, func(c *client.Client) error { return c.DeleteImage(t.Context(), id) })
		segments := strings.Split(r.req.URL.EscapedPath(), "/")
		got, err := url.PathUnescape(segments[len(segments)-1])
		if err != nil || got != id || len(segments) != 7 || r.req.URL.RawQuery != "" || r.req.URL.Fragment != "" {
			t.Errorf("%q is sent as %s", id, r.req.URL)
		}
	}
	for _, id := range []string{"..", ".", ""} {
		s := &script{steps: []step{answer(200, `{"success":true}`)}}
		if err := dial(t, s).DeleteImage(t.Context(), id); err == nil || len(s.requests()) != 0 {
			t.Errorf("%q is sent", id)
		}
	}
}

// v7 and v0 return an empty image and no error; oapi-codegen does so for a 404 and
// for a gateway's page, too.
func TestPeersNoFailureIsASuccess(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]step{
		"success false": answer(200, `{"success":false,"errors":[],"result":null}`),
		"404":           answer(404, noImage),
		"page":          answer(502, "<html>Bad Gateway</html>", "Content-Type", "text/html"),
		"outage":        answer(415, `{"result":null,"success":false,"errors":[{"message":"Internal Server Error","code":5550}]}`),
	} {
		img, err := dial(t, &script{steps: []step{s}}).GetImage(t.Context(), "a")
		if err == nil || img != nil {
			t.Errorf("%s: %+v, %v", name, img, err)
		}
	}
}

// v7 loses the text of an error that is no envelope.
func TestPeersTextsOfErrorsAreKept(t *testing.T) {
	t.Parallel()
	e := get(t.Context(), t, dial(t, &script{steps: []step{answer(415, "ERROR 5455: Unsupported image format")}}))
	if e.Code() != 5455 || !errors.Is(e, api.ErrUnsupportedImage) || !strings.Contains(e.Error(), "Unsupported image format") {
		t.Errorf("%v", e)
	}
	e = get(t.Context(), t, dial(t, &script{steps: []step{answer(500, "error code: 1101")}}))
	if e.Text != "error code: 1101" {
		t.Errorf("%+v", e)
	}
}

// v7 sends a duplicate upload three times, v0 sends it again without its content
// and reports success; both sleep for as long as Retry-After says.
func TestPeersUploadsAreSentOnceAndWhole(t *testing.T) {
	t.Parallel()
	exists := `{"success":false,"errors":[{"code":5409,"message":"Resource already exists"}]}`
	for status, body := range map[int]string{409: exists, 503: "busy", 429: "wait", 500: "oops"} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: []step{answer(status, body, "Retry-After", "5"), answer(200, oneImage)}}
			_, err := dial(t, s, client.WithRetries(5)).UploadImage(t.Context(), api.ImageUpload{ID: "a", File: api.Bytes("a", []byte("PNG"))})
			if e := asError(t, err, "UploadImage"); e.Status != status || len(s.requests()) != 1 || !strings.Contains(s.requests()[0].body, "PNG") {
				t.Errorf("%d: %d requests, %v", status, len(s.requests()), e)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		e := get(t.Context(), t, dial(t, &script{steps: []step{answer(429, "x", "Retry-After", "86400")}}, client.WithRetries(2)))
		if e == nil || time.Since(start) != 0 {
			t.Errorf("%v after %s", e, time.Since(start))
		}
	})
}

// v7, v0 and the usual program around oapi-codegen hold four times the file in
// memory; ogen reads a download into memory before the caller sees a byte.
func TestPeersNothingIsHeldInMemory(t *testing.T) {
	const size = 10 << 20
	s := &script{lazy: true, steps: []step{func(r *http.Request) (*http.Response, error) { return answer(200, oneImage)(r) }}}
	c := dial(t, s)
	drained := c.With(client.WithMiddleware(func(next http.RoundTripper) http.RoundTripper { return reading{next} }))
	content := make([]byte, size)
	before := allocated()
	if _, err := drained.UploadImage(t.Context(), api.ImageUpload{File: api.Bytes("a.png", content)}); err != nil {
		t.Fatal(err)
	}
	if n := allocated() - before; n > size/10 {
		t.Errorf("an upload of %d bytes allocates %d", size, n)
	}
	first := make(chan struct{})
	blob := func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"image/png"}}, ContentLength: -1,
			Body: io.NopCloser(io.MultiReader(strings.NewReader("PNG"), waiting(first)))}, nil
	}
	stream, err := dial(t, &script{steps: []step{blob}}).GetImageBlob(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(stream, make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	close(first) // a client that reads ahead never comes here
	if _, err := io.Copy(io.Discard, stream); err != nil || stream.Close() != nil {
		t.Error(err)
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// reading reads a request's body to its end, as a connection does.
type reading struct{ next http.RoundTripper }

func (r reading) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, errors.Join(err, req.Body.Close())
	}
	return r.next.RoundTrip(req)
}

// waiting is a reader that ends when its channel is closed.
type waiting chan struct{}

func (w waiting) Read([]byte) (int, error) {
	<-w
	return 0, io.EOF
}
