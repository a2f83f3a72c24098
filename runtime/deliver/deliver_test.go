package deliver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	_ "golang.org/x/image/webp"

	"github.com/cfimages/cfimages/runtime/deliver"
	"github.com/cfimages/cfimages/runtime/imaging"
	"github.com/cfimages/cfimages/runtime/origin"
)

func TestDelivery(t *testing.T) {
	t.Parallel()
	h := deliver.New(newSource(t), deliver.WithLimits(imaging.Limits{Workers: 1}))
	for path, c := range map[string]struct {
		mediaType string
		size      image.Point
	}{
		"/photo/public":                        {"image/jpeg", image.Pt(60, 40)},
		"/photo/thumb":                         {"image/jpeg", image.Pt(20, 10)},
		"/drawing/thumb?sig=ignored&exp=0":     {"image/png", image.Pt(20, 10)},
		"/a//b/public":                         {"image/png", image.Pt(30, 20)},
		"/private/teaser":                      {"image/png", image.Pt(5, 5)},
		"/a/b%25c%20d/%E7%8C%AB.png/public":    {"image/png", image.Pt(30, 20)},
		"/a%2Fb%25c%20d%2F%e7%8c%ab.png/thumb": {"image/png", image.Pt(20, 10)},
	} {
		for _, before := range []string{"/", "/cdn-cgi/imagedelivery/"} {
			w := get(h, before+hash+path)
			if got := size(t, w); w.Code != 200 || got != c.size || w.Header().Get("Content-Type") != c.mediaType {
				t.Errorf("%s%s: %d %s %v", before, path, w.Code, w.Header().Get("Content-Type"), got)
			}
			if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Vary") != "Accept" {
				t.Errorf("%s: %v", path, w.Header())
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	h := deliver.New(s)
	const root = "/" + hash
	for target, want := range map[string]struct{ status, code int }{
		"/" + strings.ToLower(hash) + "/photo/public": {403, 9427},
		root + "/photo":                      {403, 9426},
		root + "//public":                    {403, 9426},
		root + "/photo/":                     {403, 9426},
		root:                                 {403, 9426},
		"/":                                  {403, 9426},
		root + "/%ff/public":                 {403, 9426},
		root + "/photo/nosuch":               {403, 9425},
		root + "/photo/Public":               {403, 9425},
		root + "/photo/w=10":                 {403, 9429},
		root + "/nosuch/public":              {404, 9431},
		root + "/Photo/public":               {404, 9431},
		root + "/x/../photo/public":          {404, 9431},
		root + "/..%2f..%2fetc/passwd/thumb": {404, 9431},
		root + "/%2e%2e/public":              {404, 9431},
		root + "/photo%00/public":            {404, 9431},
		root + "/photo%2f/public":            {404, 9431},
		root + "/ph%256fto/public":           {404, 9431},
		root + "/" + strings.Repeat("a/", 4000) + "public": {404, 9431},
		root + "/private/public":                           {403, 9425},
		root + "/text/public":                              {415, 9412},
		root + "/damaged/public":                           {415, 9420},
	} {
		w := get(h, target)
		wants(t, target, w, want.status, want.code)
	}
	for _, method := range []string{http.MethodPost, http.MethodDelete, http.MethodOptions} {
		w := ask(h, method, root+"/photo/public")
		if wants(t, method, w, 405, 9432); w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: Allow: %s", method, w.Header().Get("Allow"))
		}
	}
	s.fails = errors.New("secret detail of the store")
	w := get(h, root+"/photo/public")
	if wants(t, "failure", w, 500, 9523); strings.Contains(w.Body.String(), "secret") {
		t.Errorf("a detail is shown: %s", w.Body)
	}
}

func wants(t *testing.T, what string, w *httptest.ResponseRecorder, status, code int) {
	t.Helper()
	header := w.Header()
	if w.Code != status || !strings.HasPrefix(w.Body.String(), fmt.Sprintf("ERROR %d: ", code)) ||
		header.Get("Cf-Resized") != fmt.Sprintf("err=%d", code) || header.Get("Content-Type") != "text/plain; charset=utf-8" ||
		header.Get("Cache-Control") != "no-store" || header.Get("ETag") != "" || header.Get("Vary") != "" {
		t.Errorf("%s: %d %s %v", what, w.Code, w.Body, header)
	}
}

func TestConditionsAndRanges(t *testing.T) {
	t.Parallel()
	h := deliver.New(newSource(t))
	target := "/" + hash + "/photo/thumb"
	whole := get(h, target)
	tag := whole.Header().Get("ETag")
	n := whole.Body.Len()
	for name, c := range map[string]struct {
		method string
		header []string
		status int
		body   int
	}{
		"again":            {"GET", nil, 200, n},
		"head":             {"HEAD", nil, 200, 0},
		"same":             {"GET", []string{"If-None-Match", tag}, 304, 0},
		"one of many":      {"GET", []string{"If-None-Match", `"x", W/` + tag}, 304, 0},
		"any":              {"HEAD", []string{"If-None-Match", "*"}, 304, 0},
		"other":            {"GET", []string{"If-None-Match", `"x"`}, 200, n},
		"range":            {"GET", []string{"Range", "bytes=10-19"}, 206, 10},
		"suffix":           {"GET", []string{"Range", "bytes=-7"}, 206, 7},
		"range of same":    {"GET", []string{"Range", "bytes=0-0", "If-Range", tag}, 206, 1},
		"range of another": {"GET", []string{"Range", "bytes=0-0", "If-Range", `"x"`}, 200, n},
		"beyond":           {"GET", []string{"Range", "bytes=9999999-"}, 416, -1},
	} {
		w := ask(h, c.method, target, c.header...)
		if w.Code != c.status || c.body >= 0 && w.Body.Len() != c.body || c.status != 416 && w.Header().Get("ETag") != tag {
			t.Errorf("%s: %d, %d bytes, %v", name, w.Code, w.Body.Len(), w.Header())
		}
	}
	head := ask(h, "HEAD", target)
	if head.Header().Get("Content-Length") != fmt.Sprint(n) || head.Header().Get("Content-Type") != "image/jpeg" {
		t.Errorf("%v", head.Header())
	}
	tags := map[string]bool{tag: true}
	for _, w := range []*httptest.ResponseRecorder{
		get(h, "/"+hash+"/photo/public"), get(h, "/"+hash+"/drawing/thumb"), get(h, target, "Accept", "image/webp"),
	} {
		if other := w.Header().Get("ETag"); len(other) != len(tag) || tags[other] {
			t.Errorf("%s is the tag of two images", other)
		}
		tags[w.Header().Get("ETag")] = true
	}
	if again := get(deliver.New(newSource(t)), target); again.Header().Get("ETag") != tag || again.Body.String() != whole.Body.String() {
		t.Error("another host makes another image")
	}
	if first, second := whole.Header().Get("Cf-Resized"), head.Header().Get("Cf-Resized"); first != "internal=ok/m" || second != "internal=ok/h" {
		t.Errorf("%s, then %s", first, second)
	}
}

func TestNegotiation(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	s.store("webp", get(deliver.New(s), "/"+hash+"/photo/public", "Accept", "image/webp").Body.Bytes(), false)
	h := deliver.New(s)
	for _, c := range []struct{ id, accept, want string }{
		{"photo", "", "image/jpeg"},
		{"photo", "*/*", "image/jpeg"},
		{"photo", "image/avif,image/webp,image/apng,*/*;q=0.8", "image/webp"},
		{"photo", "text/html, IMAGE/WebP ; q=0.5", "image/webp"},
		{"photo", "image/webp;q=0, */*", "image/jpeg"},
		{"photo", "image/webp;q=0.000", "image/jpeg"},
		{"drawing", "image/png", "image/png"},
		{"drawing", "image/webp", "image/webp"},
		{"webp", "", "image/webp"},
		{"webp", "*/*", "image/webp"},
		{"webp", "image/*", "image/webp"},
		{"webp", "image/png,image/jpeg", "image/jpeg"},
		{"vector", "image/webp", "image/svg+xml"},
	} {
		header := []string{"Accept", c.accept}
		if c.accept == "" {
			header = nil
		}
		w := get(h, "/"+hash+"/"+c.id+"/public", header...)
		if w.Code != 200 || w.Header().Get("Content-Type") != c.want {
			t.Errorf("%s for %q: %d %s", c.id, c.accept, w.Code, w.Header().Get("Content-Type"))
		}
	}
}

func TestSVG(t *testing.T) {
	t.Parallel()
	w := get(deliver.New(newSource(t)), "/"+hash+"/vector/thumb")
	csp := w.Header().Get("Content-Security-Policy")
	if w.Code != 200 || strings.Contains(w.Body.String(), "script") || !strings.Contains(w.Body.String(), "<g>") || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("%d %s, %s", w.Code, w.Body, csp)
	}
}

func TestCacheControl(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	h := deliver.New(s)
	keep := func(target string) string {
		w := get(h, target)
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", target, w.Code, w.Body)
		}
		return w.Header().Get("Cache-Control")
	}
	public := "/" + hash + "/photo/thumb"
	if got := keep(public); got != "public, max-age=172800, stale-while-revalidate=7200" {
		t.Error(got)
	}
	s.settings.BrowserTTL = 2 * time.Hour
	if got := keep(public); got != "public, max-age=7200, stale-while-revalidate=7200" {
		t.Error(got)
	}
	v := s.variants["thumb"]
	v.Options.BrowserTTL = new(int64(3600))
	s.variants["thumb"] = v
	if got := keep(public); got != "public, max-age=3600, stale-while-revalidate=7200" {
		t.Error(got)
	}
	private := "/" + hash + "/private/thumb"
	if got := keep(signed(t, s.keys[0], private, start.Add(10*time.Minute))); got != "private, max-age=600" {
		t.Error(got)
	}
	if got := keep(signed(t, s.keys[0], private, time.Time{})); got != "private, max-age=3600" {
		t.Error(got)
	}
}

func TestFlexible(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	s.settings.FlexibleVariants = true
	h := deliver.New(s)
	for list, want := range map[string]struct {
		mediaType string
		size      image.Point
	}{
		"w=30":                                 {"image/jpeg", image.Pt(30, 20)},
		"width=30,height=30,fit=pad":           {"image/jpeg", image.Pt(30, 30)},
		"w%3D30":                               {"image/jpeg", image.Pt(30, 20)},
		"w=10,h=10,fit=cover,f=png":            {"image/png", image.Pt(10, 10)},
		"w=10,dpr=2":                           {"image/jpeg", image.Pt(20, 13)},
		"rotate=90,f=webp":                     {"image/webp", image.Pt(40, 60)},
		"trim=1;2;3;4":                         {"image/jpeg", image.Pt(54, 36)},
		"w=9,h=9,fit=pad,background=%23ff0000": {"image/jpeg", image.Pt(9, 9)},
		"q=low":                                {"image/jpeg", image.Pt(60, 40)},
		"format=auto":                          {"image/jpeg", image.Pt(60, 40)},
	} {
		w := get(h, "/"+hash+"/photo/"+list)
		if got := size(t, w); w.Code != 200 || got != want.size || w.Header().Get("Content-Type") != want.mediaType {
			t.Errorf("%s: %d %s %v", list, w.Code, w.Header().Get("Content-Type"), got)
		}
	}
	for list, says := range map[string]string{
		"gravity=face": `"gravity=face": is not supported here`,
		"w=0":          `"w=0": the value is not valid`,
		"x=1":          `there is no option "x"`,
	} {
		w := get(h, "/"+hash+"/photo/"+list)
		if wants(t, list, w, 400, 9401); !strings.Contains(w.Body.String(), says) {
			t.Errorf("%s: %s", list, w.Body)
		}
	}
	wants(t, "a result too large", get(h, "/"+hash+"/photo/w=20000,fit=contain"), 403, 9413)
	wants(t, "an unknown image", get(h, "/"+hash+"/nosuch/w=1"), 404, 9431)
	w := get(h, "/"+hash+"/photo/w=30,format=json")
	var info struct {
		Width, Height int
		Original      struct {
			FileSize      int `json:"file_size"`
			Width, Height int
			Format        string
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &info); err != nil || info.Width != 30 || info.Height != 20 || info.Original.Width != 60 || info.Original.Format != "image/jpeg" || info.Original.FileSize < 500 {
		t.Errorf("%s, %v", w.Body, err)
	}
	wants(t, "a description of no image", get(h, "/"+hash+"/text/format=json"), 415, 9412)
}

// TestGoneVisitor writes nothing to those who have left.
func TestGoneVisitor(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	leave()
	w := httptest.NewRecorder()
	deliver.New(newSource(t)).ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/"+hash+"/photo/thumb", nil))
	if w.Body.Len() > 0 || len(w.Header()) > 0 {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
}

// TestVariantsBlur compares the lines of a drawing before and after.
func TestVariantsBlur(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	stripes := image.NewGray(image.Rect(0, 0, 40, 40))
	for i := range stripes.Pix {
		stripes.Pix[i] = uint8(255 * (i / 4 % 2))
	}
	var file bytes.Buffer
	if err := png.Encode(&file, stripes); err != nil {
		t.Fatal(err)
	}
	s.store("stripes", file.Bytes(), false)
	contrast := func(variant string) int {
		img, err := png.Decode(get(deliver.New(s), "/"+hash+"/stripes/"+variant).Body)
		if err != nil {
			t.Fatal(err)
		}
		least, most := uint32(0xffff), uint32(0)
		for x := 10; x < 30; x++ {
			v, _, _, _ := img.At(x, 20).RGBA()
			least, most = min(least, v), max(most, v)
		}
		return int(most-least) >> 8
	}
	soft := s.variants["public"]
	soft.Options.Blur = new(int64(20))
	s.variants["soft"] = soft
	if sharp, blurred := contrast("public"), contrast("soft"); sharp != 255 || blurred > 60 {
		t.Errorf("stripes differ by %d, blurred ones by %d", sharp, blurred)
	}
}

// TestManyVisitors asks for everything at once.
func TestManyVisitors(t *testing.T) {
	t.Parallel()
	h := deliver.New(newSource(t), deliver.WithLimits(imaging.Limits{Workers: 3, Memory: 1 << 16, Cache: 1 << 12}))
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			id := []string{"photo", "drawing"}[i%2]
			accept := []string{"image/webp", "image/png"}[i/2%2]
			w := get(h, "/"+hash+"/"+id+"/"+[]string{"public", "thumb", "teaser"}[i%3], "Accept", accept)
			if w.Code != 200 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	all.Wait()
}

func TestOwns(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"/" + hash + "/photo/public":           true,
		"/" + hash + "/photo":                  true,
		"/cdn-cgi/imagedelivery/x":             true,
		"/" + hash:                             false,
		"/client/v4/accounts/a/images/v1":      false,
		"/upload/" + hash + "/photo":           false,
		"/ZWd9g1K7eljCn_KDTu_MW~/photo/public": false,
		"/_mock/clock":                         false,
		"/":                                    false,
	} {
		if got := deliver.Owns(path); got != want {
			t.Errorf("%s: %t", path, got)
		}
	}
}

var _ origin.Service = (*source)(nil)
