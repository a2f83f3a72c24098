// Package server_test measures what a request costs on its way to the
// implementation and back, in process, next to other ways to serve the same.
package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/server"
)

// service is the implementation behind every competitor: it does nothing but
// look at what it was given.
type service struct{ api.Unimplemented }

// uploaded is a whole second: ogen drops what is less.
var uploaded = time.Date(2026, 5, 11, 8, 31, 45, 0, time.UTC)

func picture(id, filename string) *api.Image {
	return &api.Image{
		ID: id, Filename: filename, Creator: new("user-42"), Uploaded: uploaded,
		Meta:     api.StoredMeta(`{"album":"coast","rating":5}`),
		Variants: []string{"https://imagedelivery.net/hash/" + id + "/public"},
	}
}

func (service) GetImage(_ context.Context, id string) (*api.Image, error) {
	return picture(id, "lighthouse.jpg"), nil
}

func (service) ListImages(_ context.Context, in api.ListImagesParams) (*api.ImagePage, error) {
	if in.Creator == nil || in.PerPage == 0 {
		return nil, api.ErrBadRequest
	}
	return &api.ImagePage{Images: []api.Image{*picture("a", "a.jpg"), *picture("b", "b.jpg")}, ContinuationToken: new("more")}, nil
}

func (service) CreateVariant(_ context.Context, in api.VariantCreate) (*api.Variant, error) {
	return &api.Variant{ID: in.ID, Options: in.Options, NeverRequireSignedURLs: *in.NeverRequireSignedURLs}, nil
}

func (service) UploadImage(_ context.Context, in api.ImageUpload) (*api.Image, error) {
	r, err := in.File.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	return keep(in.ID, in.File.Name(), r, 10<<20)
}

// keep reads a file as a store would, through a buffer that is its own.
func keep(id, filename string, r io.Reader, limit int64) (*api.Image, error) {
	n, err := io.CopyBuffer(plainWriter{}, r, keepBuffer)
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, api.ErrImageTooLarge
	}
	img := picture(id, filename)
	img.Variants[0] = fmt.Sprint(n)
	return img, nil
}

// plainWriter has no ReadFrom, which would bring a buffer of its own.
type plainWriter struct{}

func (plainWriter) Write(p []byte) (int, error) { return len(p), nil }

var keepBuffer = make([]byte, 64<<10)

// competitor is a way to serve the API.
type competitor struct {
	name    string
	handler http.Handler
	// lacks says which tasks it cannot do, and why.
	lacks map[string]string
}

func competitors(tb testing.TB) []competitor {
	tb.Helper()
	return []competitor{
		{name: "floor", handler: floor()},
		{name: "ours", handler: server.New(server.For(service{}), server.WithBasePath("/client/v4"))},
		{name: "oapi-codegen", handler: strictServer(), lacks: unfiltered},
		{name: "oapi-codegen+kin", handler: validated(tb, strictServer()), lacks: map[string]string{
			"list": "ignores filters", "upload 1 MiB": "refuses metadata without a type", "upload 10 MiB": "refuses metadata without a type",
		}},
		{name: "ogen", handler: ogenServer(tb), lacks: unfiltered},
	}
}

var unfiltered = map[string]string{"list": "ignores filters"}

// task is one request.
type task struct {
	name    string
	request *http.Request
	body    []byte
}

func tasks() []task {
	const images = "/client/v4/accounts/7d1f0c93b85e4a26a4c2e9d06b3f8517/images"
	return []task{
		makeTask("get", "GET", images+"/v1/5d0c7e12-84ab-4f3e-19d6-b2a7c0e45f00", "", nil),
		makeTask("list", "GET", images+"/v2?creator=user-42&sort_order=asc&per_page=100&continuation_token=p4Xw8LqTz1cN0sVb"+
			"&meta.album[eq]=coast&meta.rating[gte:number]=3&meta.region.name[in]=eu%7Cus%7Cap", "", nil),
		makeTask("create variant", "POST", images+"/v1/variants", "application/json", []byte(
			`{"id":"hero","options":{"fit":"scale-down","metadata":"none","width":1366,"height":768,"blur":20},"neverRequireSignedURLs":true}`)),
		makeTask("upload 1 MiB", "POST", images+"/v1", "multipart/form-data; boundary=boundary", form(1<<20)),
		makeTask("upload 10 MiB", "POST", images+"/v1", "multipart/form-data; boundary=boundary", form(10<<20)),
	}
}

func makeTask(name, method, target, contentType string, body []byte) task {
	u, err := url.Parse(target)
	if err != nil {
		panic(err)
	}
	r := &http.Request{
		Method: method, URL: u, RequestURI: target, Host: "api.example", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Authorization": {"Bearer token"}}, ContentLength: int64(len(body)),
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return task{name: name, request: r.WithContext(context.Background()), body: body}
}

// form has its fields before its file, as every client in use sends them.
func form(size int) []byte {
	var b bytes.Buffer
	for _, field := range [][2]string{{"id", "shop/teapot.png"}, {"metadata", `{"album":"coast","rating":5}`}, {"creator", "user-42"}, {"requireSignedURLs", "false"}} {
		fmt.Fprintf(&b, "--boundary\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", field[0], field[1])
	}
	b.WriteString("--boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"teapot.png\"\r\nContent-Type: image/png\r\n\r\n")
	b.Write(bytes.Repeat([]byte("0123456789abcdef"), size/16))
	b.WriteString("\r\n--boundary--\r\n")
	return b.Bytes()
}

// exchange makes requests again and again and costs nothing itself.
type exchange struct {
	task    task
	request http.Request
	body    bytes.Reader
	writer  writer
}

func (e *exchange) do(h http.Handler) {
	e.request = *e.task.request //nolint:govet // a request holds no lock
	e.request.Body = http.NoBody
	if e.task.body != nil {
		e.body.Reset(e.task.body)
		e.request.Body = (*body)(&e.body)
	}
	e.writer.status, e.writer.n = 0, 0
	clear(e.writer.header)
	h.ServeHTTP(&e.writer, &e.request)
}

// body hides everything of a bytes.Reader but Read, as a connection does.
type body bytes.Reader

func (b *body) Read(p []byte) (int, error) { return (*bytes.Reader)(b).Read(p) }
func (b *body) Close() error               { return nil }

type writer struct {
	header http.Header
	status int
	n      int
	kept   *bytes.Buffer
}

func (w *writer) Header() http.Header    { return w.header }
func (w *writer) WriteHeader(status int) { w.status = status }
func (w *writer) Write(p []byte) (int, error) {
	if w.kept != nil {
		w.kept.Write(p)
	}
	w.n += len(p)
	return len(p), nil
}

func newExchange(t task) *exchange {
	return &exchange{task: t, writer: writer{header: http.Header{}}}
}

// TestSameAnswer makes sure that what is compared is the same work.
func TestSameAnswer(t *testing.T) {
	for _, task := range tasks() {
		var want any
		for _, c := range competitors(t) {
			if c.lacks[task.name] != "" && task.name != "list" {
				continue
			}
			e := newExchange(task)
			e.writer.kept = &bytes.Buffer{}
			e.do(c.handler)
			var got any
			if err := json.Unmarshal(e.writer.kept.Bytes(), &got); err != nil || e.writer.status != 200 {
				t.Errorf("%s, %s: %d %v: %.300s", c.name, task.name, e.writer.status, err, e.writer.kept)
				continue
			}
			if want == nil {
				want = got
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s: got %s, want %v", c.name, task.name, e.writer.kept, want)
			}
		}
	}
}

// TestBothRefuse makes sure that the floor checks what ours does.
func TestBothRefuse(t *testing.T) {
	long := strings.Repeat("x", 1100)
	const images = "/client/v4/accounts/7d1f0c93b85e4a26a4c2e9d06b3f8517/images"
	const option = `"fit":"cover","metadata":"none","width":1,"height":1`
	for _, tt := range []task{
		makeTask("long id", "GET", images+"/v1/"+long, "", nil),
		makeTask("long account", "GET", "/client/v4/accounts/"+long+"/images/v1/a", "", nil),
		makeTask("page", "GET", images+"/v2?per_page=0", "", nil),
		makeTask("order", "GET", images+"/v2?sort_order=up", "", nil),
		makeTask("creator", "GET", images+"/v2?creator="+long, "", nil),
		makeTask("operator", "GET", images+"/v2?meta.a[no]=1", "", nil),
		makeTask("number", "GET", images+"/v2?meta.a[gt:number]=x", "", nil),
		makeTask("six filters", "GET", images+"/v2?"+strings.Repeat("meta.a[eq]=x&", 6), "", nil),
		makeTask("six levels", "GET", images+"/v2?meta.a.b.c.d.e.f[eq]=x", "", nil),
		makeTask("eleven elements", "GET", images+"/v2?meta.a[in]="+strings.Repeat("x|", 11), "", nil),
		makeTask("JSON", "POST", images+"/v1/variants", "application/json", []byte(`{"id":`)),
		makeTask("required", "POST", images+"/v1/variants", "application/json", []byte(`{"id":"a","options":{}}`)),
		makeTask("name", "POST", images+"/v1/variants", "application/json", []byte(`{"id":"a-b","options":{`+option+`}}`)),
		makeTask("range", "POST", images+"/v1/variants", "application/json", []byte(`{"id":"a","options":{`+option+`,"blur":300}}`)),
		makeTask("file", "POST", images+"/v1", "multipart/form-data; boundary=boundary", form(10<<20+16)),
	} {
		for _, c := range competitors(t)[:2] {
			e := newExchange(tt)
			e.do(c.handler)
			if e.writer.status < 400 {
				t.Errorf("%s takes a bad %s: %d", c.name, tt.name, e.writer.status)
			}
		}
	}
}

func BenchmarkServer(b *testing.B) {
	for _, task := range tasks() {
		for _, c := range competitors(b) {
			if why := c.lacks[task.name]; strings.HasPrefix(why, "refuses") {
				continue
			}
			b.Run(strings.ReplaceAll(task.name, " ", "-")+"/"+c.name, func(b *testing.B) {
				e := newExchange(task)
				b.ReportAllocs()
				b.SetBytes(int64(len(task.body)))
				for b.Loop() {
					e.do(c.handler)
				}
			})
		}
	}
}
