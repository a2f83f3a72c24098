package serve_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cfimages/cfimages/gen/api"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	h := serving(echoing())
	long := strings.Repeat("é", 1024)
	tests := []struct {
		name, query string
		want        string // of the refusal; empty is accepted
	}{
		{"none", "", ""},
		{"all", "creator=a&sort_order=asc&per_page=10000&continuation_token=x", ""},
		{"unknown", "creator=a&page=0&PER_PAGE=0&per%5Fpage2=x", ""},
		{"empty creator", "creator=", ""},
		{"escaped name", "per%5Fpage=0", "per_page: must be at least 1"},
		{"longest creator", "creator=" + long, ""},
		{"creator too long", "creator=" + long + "a", "creator: must have at most 1024 characters, not 1025"},
		{"creator of bad UTF-8", "creator=%ff", "creator: must be UTF-8"},
		{"bad order", "sort_order=ASC", "sort_order: must be one of asc, desc"},
		{"no order", "sort_order=", "sort_order: must be one of asc, desc"},
		{"page too small", "per_page=0", "per_page: must be at least 1"},
		{"page too large", "per_page=10001", "per_page: must be at most 10000"},
		{"page of text", "per_page=ten", "per_page: must be an integer"},
		{"page beyond integers", "per_page=9223372036854775808", "per_page: must be an integer"},
		{"empty page", "per_page=", "per_page: must be an integer"},
		{"twice", "per_page=10&per_page=10", "per_page: must be given once"},
		{"twice, one empty", "creator=a&creator", "creator: must be given once"},
		{"bad escape", "creator=%zz", "the query cannot be read"},
		{"cut escape", "creator=%2", "the query cannot be read"},
		{"bad escape of an unknown one", "x=%", "the query cannot be read"},
		{"semicolon", "creator=a;b", "the query cannot be read"},

		{"filter", "meta.a[eq:string]=x&meta.b.c%5Bin%3Anumber%5D=1%7C2", ""},
		{"unknown operator", "meta.status[not-eq]=x", "Unsupported metadata filter operator: 'not-eq'"},
		{"sixth filter", strings.Repeat("meta.a[eq]=x&", 6), "Too many metadata filters: 6 provided, maximum 5 allowed"},
		{"sixth level", "meta.a.b.c.d.e.f[eq]=x", "Metadata filter 'meta.a.b.c.d.e.f[eq]'"},
		{"eleventh element", "meta.a[in]=1|2|3|4|5|6|7|8|9|10|11", "11 list elements, maximum 10 allowed"},
		{"range of text", "meta.a[gt:string]=x", "Metadata filter 'meta.a[gt:string]'"},
		{"query before filter", "per_page=0&meta.a[no]=x", "per_page: must be at least 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := do(t, h, request{method: "GET", path: accounts + "/v2?" + tt.query})
			if tt.want != "" {
				wantError(t, w, api.ErrBadRequest, tt.want)
			} else if w.Code != 200 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

// The two texts of the documentation, byte for byte.
func TestFilterErrorsAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	h := serving(echoing())
	for query, want := range map[string]string{
		"meta.status[not-eq]=x":            `{"result":null,"success":false,"errors":[{"code":5400,"message":"Unsupported metadata filter operator: 'not-eq'","source":{"pointer":"meta.status[not-eq]"}}],"messages":[]}`,
		strings.Repeat("meta.a[eq]=x&", 6): `{"result":null,"success":false,"errors":[{"code":5400,"message":"Too many metadata filters: 6 provided, maximum 5 allowed","source":{"pointer":"meta"}}],"messages":[]}`,
	} {
		w := do(t, h, request{method: "GET", path: accounts + "/v2?" + query})
		got := strings.ReplaceAll(strings.TrimSpace(w.Body.String()), `\u0027`, "'")
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestQueryReachesTheImplementation(t *testing.T) {
	t.Parallel()
	var got api.ListImagesParams
	h := serving(&stub{list: func(in api.ListImagesParams) (*api.ImagePage, error) { got = in; return &api.ImagePage{}, nil }})
	do(t, h, request{method: "GET", path: accounts + "/v2?creator=&per_page=7&sort_order=asc&continuation_token=a%2Bb+c&meta.a[eq]=x"})
	if got.Creator == nil || *got.Creator != "" || got.PerPage != 7 || got.SortOrder != api.SortOrderAsc || got.ContinuationToken != "a+b c" || got.Filter.Len() != 1 {
		t.Errorf("got %+v", got)
	}
	do(t, h, request{method: "GET", path: accounts + "/v2"})
	if got.Creator != nil || got.PerPage != 0 || got.SortOrder != "" || got.ContinuationToken != "" || got.Filter.Len() != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestJSONBody(t *testing.T) {
	t.Parallel()
	const ok = ""
	variant := `{"id":"hero","options":{"fit":"cover","metadata":"none","width":1,"height":1}}`
	deep := strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000)
	large := func(n int) string { return variant + strings.Repeat(" ", n-len(variant)) }
	tests := []struct {
		name, contentType string
		body              io.Reader
		length            int64
		kind              *api.ErrorKind
		want              string
	}{
		{"as documented", "application/json", strings.NewReader(variant), 0, nil, ok},
		{"charset", "Application/JSON; charset=utf-8", strings.NewReader(variant), 0, nil, ok},
		{"length not known", "application/json", strings.NewReader(variant), -1, nil, ok},
		{"byte by byte", "application/json", iotest.OneByteReader(strings.NewReader(variant)), -1, nil, ok},
		{"largest", "application/json", strings.NewReader(large(1 << 20)), 0, nil, ok},
		{"none", "application/json", nil, 0, api.ErrBadRequest, "a JSON body is required"},
		{"none, length not known", "application/json", strings.NewReader(""), -1, api.ErrBadRequest, "a JSON body is required"},
		{"none, no type", "", nil, 0, api.ErrBadRequest, "a JSON body is required"},
		{"no type", "", strings.NewReader(variant), 0, api.ErrNotMultipart, "the body must be application/json"},
		{"text", "text/plain", strings.NewReader(variant), 0, api.ErrNotMultipart, "the body must be application/json"},
		{"form", form, strings.NewReader(variant), 0, api.ErrNotMultipart, "the body must be application/json"},
		{"malformed type", "application/json; a; a=", strings.NewReader(variant), 0, nil, ok},
		{"malformed", "application/json", strings.NewReader(`{"id":`), 0, api.ErrBadRequest, "the body is not valid JSON"},
		{"trailing", "application/json", strings.NewReader(variant + "x"), 0, api.ErrBadRequest, "the body is not valid JSON"},
		{"two", "application/json", strings.NewReader(variant + variant), 0, api.ErrBadRequest, "the body is not valid JSON"},
		{"byte order mark", "application/json", strings.NewReader("\ufeff" + variant), 0, api.ErrBadRequest, "the body is not valid JSON"},
		{"not UTF-8", "application/json", strings.NewReader("{\"id\":\"\xff\"}"), 0, api.ErrBadRequest, "the body is not UTF-8"},
		{"UTF-16", "application/json", strings.NewReader("\xff\xfe{\x00}\x00"), 0, api.ErrBadRequest, "the body is not UTF-8"},
		{"deep", "application/json", strings.NewReader(deep), 0, api.ErrBadRequest, "the body is not valid JSON"},
		{"null", "application/json", strings.NewReader(`null`), 0, api.ErrBadRequest, "body: must not be null"},
		{"array", "application/json", strings.NewReader(`[]`), 0, api.ErrBadRequest, "body: must be an object"},
		{"wrong member", "application/json", strings.NewReader(strings.Replace(variant, "cover", "COVER", 1)), 0, api.ErrBadRequest, "/options/fit: must be one of"},
		{"too large", "application/json", strings.NewReader(large(1<<20 + 1)), 0, api.ErrEntityTooLarge, ""},
		{"too large, length not known", "application/json", strings.NewReader(large(1<<20 + 1)), -1, api.ErrEntityTooLarge, ""},
		{"breaks off", "application/json", io.MultiReader(strings.NewReader(variant), iotest.ErrReader(io.ErrUnexpectedEOF)), 500, api.ErrBadRequest, "cannot be read"},
		{"limited before", "application/json", http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(variant)), 10), 500, api.ErrEntityTooLarge, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			called := false
			h := serving(&stub{create: func(in api.VariantCreate) (*api.Variant, error) {
				called = true
				return &api.Variant{ID: in.ID, Options: in.Options}, nil
			}})
			w := do(t, h, request{method: "POST", path: accounts + "/v1/variants", header: map[string]string{"Content-Type": tt.contentType}, body: tt.body, length: tt.length})
			if tt.kind != nil {
				wantError(t, w, tt.kind, tt.want)
			} else if w.Code != 200 || !strings.Contains(w.Body.String(), `"hero"`) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if called != (tt.kind == nil) {
				t.Errorf("called: %v", called)
			}
		})
	}
}

func TestJSONBodyIsWhatWasChecked(t *testing.T) {
	t.Parallel()
	var got api.ImageEdit
	h := serving(&stub{edit: func(_ string, in api.ImageEdit) (*api.Image, error) { got = in; return &api.Image{}, nil }})
	body := `{"Creator":"smuggled","creator":"a","CREATOR":1,"requireSignedURLs":false,"requiresignedurls":true,"metadata":{"n":1.0,"N":1e400}}`
	w := do(t, h, request{method: "PATCH", path: accounts + "/v1/a", header: map[string]string{"Content-Type": "application/json"}, body: strings.NewReader(body)})
	if w.Code != 200 || *got.Creator != "a" || *got.RequireSignedURLs || fmt.Sprint(got.Metadata) != "map[N:1e400 n:1.0]" {
		t.Errorf("%d, %+v", w.Code, got)
	}
}

// uploads is an implementation that answers what an upload holds.
func uploads() *stub {
	return &stub{
		upload: func(in api.ImageUpload) (*api.Image, error) {
			size := "no file"
			if in.File != nil {
				size = fmt.Sprintf("%s of %d", in.File.Name(), in.File.Size())
			}
			return &api.Image{ID: in.ID, Filename: size, Creator: new(fmt.Sprint(in.URL, in.Metadata))}, nil
		},
		direct: func(in api.DirectUpload) (*api.DirectUploadTarget, error) {
			return &api.DirectUploadTarget{ID: fmt.Sprintf("%s %v", in.ID, in.Expiry.IsZero())}, nil
		},
	}
}

const file = `name="file"; filename="a.png"`

func TestFormBody(t *testing.T) {
	t.Parallel()
	const ok = ""
	whole := parts(file, "PNG", `name="id"`, "my/cat")
	tests := []struct {
		name, path, contentType string
		body                    io.Reader
		length                  int64
		kind                    *api.ErrorKind
		want                    string
	}{
		{"as documented", "/v1", form, strings.NewReader(whole), 0, nil, `"a.png of 3"`},
		{"length not known", "/v1", form, strings.NewReader(whole), -1, nil, `"a.png of 3"`},
		{"byte by byte", "/v1", form, iotest.OneByteReader(strings.NewReader(whole)), -1, nil, `"a.png of 3"`},
		{"file last", "/v1", form, strings.NewReader(parts(`name="id"`, "my/cat", file, "PNG")), 0, nil, `"my/cat"`},
		{"by address", "/v1", form, strings.NewReader(parts(`name="url"`, "https://a.example/b")), 0, nil, `"no file"`},
		{"preamble", "/v1", form, strings.NewReader("see below\r\n" + whole), 0, nil, `"a.png of 3"`},
		{"no line break at the end", "/v1", form, strings.NewReader(strings.TrimRight(whole, "\r\n")), 0, nil, `"a.png of 3"`},
		{"quoted boundary", "/v1", `Multipart/Form-Data; boundary="B"`, strings.NewReader(whole), 0, nil, `"a.png of 3"`},

		{"none", "/v1", form, nil, 0, api.ErrNotMultipart, ok},
		{"none, length not known", "/v1", form, strings.NewReader(""), -1, api.ErrNotMultipart, ok},
		{"no type", "/v1", "", strings.NewReader(whole), 0, api.ErrNotMultipart, ok},
		{"raw image", "/v1", "image/png", strings.NewReader("PNG"), 0, api.ErrNotMultipart, ok},
		{"urlencoded", "/v1", "application/x-www-form-urlencoded", strings.NewReader("url=x"), 0, api.ErrNotMultipart, ok},
		{"mixed", "/v1", "multipart/mixed; boundary=B", strings.NewReader(whole), 0, api.ErrNotMultipart, ok},
		{"no boundary", "/v1", "multipart/form-data", strings.NewReader(whole), 0, api.ErrBadRequest, "the form has no boundary"},
		{"empty boundary", "/v1", `multipart/form-data; boundary=""`, strings.NewReader(whole), 0, api.ErrBadRequest, "the form has no boundary"},
		{"another boundary", "/v1", "multipart/form-data; boundary=C", strings.NewReader(whole), 0, api.ErrBadRequest, "malformed or incomplete"},
		{"zero parts", "/v1", form, strings.NewReader("--B--\r\n"), 0, api.ErrBadRequest, ""},
		{"file in field image", "/v1", form, strings.NewReader(parts(`name="image"; filename="a.png"`, "PNG")), 0, api.ErrBadRequest, "image is not a file of this form"},
		{"two sources", "/v1", form, strings.NewReader(parts(file, "PNG", `name="url"`, "https://a.example/b")), 0, api.ErrBadRequest, "file and url are mutually exclusive"},
		{"no source", "/v1", form, strings.NewReader(parts(`name="id"`, "a")), 0, api.ErrBadRequest, "one of file or url is required"},
		{"bad id", "/v1", form, strings.NewReader(parts(file, "PNG", `name="id"`, "/a")), 0, api.ErrInvalidCustomID, "try again: must match"},
		{"bad flag", "/v1", form, strings.NewReader(parts(file, "PNG", `name="requireSignedURLs"`, "yes")), 0, api.ErrBadRequest, "must be true or false"},
		{"metadata too long", "/v1", form, strings.NewReader(parts(file, "PNG", `name="metadata"`, `{"a":"`+strings.Repeat("x", 1017)+`"}`)), 0, api.ErrBadRequest, "metadata: must be at most 1024 bytes of JSON, not 1025"},
		{"longest metadata", "/v1", form, strings.NewReader(parts(file, "PNG", `name="metadata"`, `{"a":"`+strings.Repeat("x", 1016)+`"}`)), 0, nil, `"a.png of 3"`},
		{"limited before", "/v1", form, http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(whole)), 70), -1, api.ErrEntityTooLarge, ok},

		{"no form is none", "/v2/direct_upload", "", nil, 0, nil, `" true"`},
		{"no form, chunked", "/v2/direct_upload", "", strings.NewReader(""), -1, nil, `" true"`},
		{"no form, with its type", "/v2/direct_upload", form, nil, 0, nil, `" true"`},
		{"optional form", "/v2/direct_upload", form, strings.NewReader(parts(`name="id"`, "a")), 0, nil, `"a true"`},
		{"optional form of unknown parts", "/v2/direct_upload", form, strings.NewReader(parts(`name="x"`, "a")), 0, nil, `" true"`},
		{"optional form, zero parts", "/v2/direct_upload", form, strings.NewReader("--B--\r\n"), 0, api.ErrBadRequest, "the form has no parts"},
		{"optional form, zero parts after a preamble", "/v2/direct_upload", form, strings.NewReader("x\r\n--B--\r\n"), 0, api.ErrBadRequest, "the form has no parts"},
		{"optional form, zero parts after line breaks", "/v2/direct_upload", form, strings.NewReader(strings.Repeat("\r\n", 50) + "--B--\r\n"), 0, api.ErrBadRequest, "the form has no parts"},
		{"optional form, other type", "/v2/direct_upload", "application/json", strings.NewReader("{}"), 0, api.ErrNotMultipart, ok},
		{"optional form, bad expiry", "/v2/direct_upload", form, strings.NewReader(parts(`name="expiry"`, "soon")), 0, api.ErrBadRequest, "expiry: must be a date"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := do(t, serving(uploads()), request{method: "POST", path: accounts + tt.path, header: map[string]string{"Content-Type": tt.contentType}, body: tt.body, length: tt.length})
			if tt.kind != nil {
				wantError(t, w, tt.kind, tt.want)
			} else if w.Code != 200 || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("%d %s, want %s", w.Code, w.Body, tt.want)
			}
		})
	}
}

func TestFormsThatBreakOffAreRefused(t *testing.T) {
	t.Parallel()
	s := uploads()
	stored := 0
	accept := s.upload
	s.upload = func(in api.ImageUpload) (*api.Image, error) { stored++; return accept(in) }
	h := serving(s)
	whole := strings.TrimRight(parts(`name="id"`, "a", file, "PNG", `name="metadata"`, `{"a":1}`), "\r\n")
	for end := range len(whole) {
		for _, length := range []int64{-1, int64(len(whole))} {
			var body io.Reader = strings.NewReader(whole[:end])
			if length > 0 {
				body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF))
			}
			w := do(t, h, request{method: "POST", path: accounts + "/v1", header: map[string]string{"Content-Type": form}, body: body, length: length})
			if w.Code < 400 || w.Code > 499 || stored != 0 {
				t.Fatalf("cut after %d of %d bytes: %d %s", end, len(whole), w.Code, w.Body)
			}
		}
	}
}

func TestFormsThatAreTooLarge(t *testing.T) {
	t.Parallel()
	const limit = 10 << 20
	sized := func(n int) string { return parts(file, strings.Repeat("x", n)) }
	padding := strings.Repeat(strings.Repeat("x", 1000)+"\r\n", limit/800)
	tests := []struct {
		name, body string
		kind       *api.ErrorKind
	}{
		{"largest file", sized(limit), nil},
		{"file of a byte more", sized(limit + 1), api.ErrImageTooLarge},
		{"file of twice the size", sized(2 * limit), api.ErrImageTooLarge},
		{"text", parts(`name="creator"`, strings.Repeat("x", limit)), api.ErrBadRequest},
		{"preamble", padding + sized(1), api.ErrEntityTooLarge},
		{"after the file", sized(1) + padding, nil},
		{"many parts", parts(many(1001)...), api.ErrBadRequest},
	}
	for _, tt := range tests {
		for _, length := range []int64{0, -1} {
			w := do(t, serving(uploads()), request{method: "POST", path: accounts + "/v1", header: map[string]string{"Content-Type": form}, body: strings.NewReader(tt.body), length: length})
			if tt.kind != nil {
				wantError(t, w, tt.kind, "")
			} else if w.Code != 200 {
				t.Errorf("%s: %d %s", tt.name, w.Code, w.Body)
			}
			if t.Failed() {
				t.Fatal(tt.name)
			}
		}
	}
}

// many are n parts without content.
func many(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(`name="x%d"`, i), "")
	}
	return out
}
