package delivery_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/delivery"
	"github.com/cfimages/cfimages/runtime/rest"
	"github.com/cfimages/cfimages/runtime/sign"
)

const (
	secret = "s3cret-t0ken-value"
	sig    = "2329ba84a4112c9ddd9795b6100b7c65a4ff619c0ea6b8b7c2546cadb202c21d"
)

func credentials() []rest.Option {
	return []rest.Option{rest.WithToken(secret), rest.WithHeaders("X-Auth-Email", "me@example.com", "X-Auth-Key", secret)}
}

func TestFetchSendsNoCredentials(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			switch name {
			case "Accept", "Accept-Encoding", "User-Agent", "X-Own":
			default:
				t.Errorf("%s is sent", name)
			}
		}
		w.Header().Set("Content-Type", "image/avif")
		_, _ = io.WriteString(w, r.RequestURI+" "+r.Header.Get("Accept"))
	}))
	t.Cleanup(s.Close)
	opts := append(credentials(), rest.WithHeader("Accept", "image/avif"), rest.WithHeader("X-Own", "1"))
	stream, err := delivery.Fetch(t.Context(), s.URL+"/hash/a%2Fb/thumb?exp=1&sig="+sig, opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	want := "/hash/a%2Fb/thumb?exp=1&sig=" + sig + " image/avif"
	if b, err := io.ReadAll(stream); string(b) != want || err != nil || stream.ContentType != "image/avif" || stream.Size != int64(len(want)) {
		t.Errorf("%q, %v, %+v", b, err, stream)
	}
}

func TestFetchFails(t *testing.T) {
	t.Parallel()
	var status int
	var header, body string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if header != "" {
			name, value, _ := strings.Cut(header, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	for _, c := range []struct {
		name, header, body string
		status, code       int
	}{
		{"no such variant", "", "ERROR 9425: Image access denied: This account doesn't have variant with this name", 403, 9425},
		{"code in a header alone", "Cf-Resized: err=9422", "", 415, 9422},
		{"code in both", "Cf-Resized: err=9422", "ERROR 9425: no", 403, 9425},
		{"no code", "Cf-Resized: internal=ok", "", 404, 0},
		{"page", "Content-Type: text/html", "<html>", 502, 0},
		{"redirect", "Location: https://evil.example/", "moved", 302, 0},
		{"echo", "", "no image at /h/i/v?exp=1&sig=" + sig + " for " + secret, 400, 0},
		{"page as a success", "Content-Type: text/html", "<html>", 200, 0},
	} {
		status, header, body = c.status, c.header, c.body
		_, err := delivery.Fetch(t.Context(), s.URL+"/h/i/v?exp=1&sig="+sig, append(credentials(), rest.WithRetries(0))...)
		e, ok := errors.AsType[*contract.Error](err)
		if !ok || e.Status != c.status || e.Code() != c.code || e.Operation != "Fetch" {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil && (strings.Contains(err.Error(), sig) || strings.Contains(err.Error(), secret)) {
			t.Errorf("%s: a secret is shown: %v", c.name, err)
		}
	}
}

func TestFetchRefuses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "/h/i/v", "ftp://a.example/h", "https://user:" + secret + "@a.example/h", "https://a.example:x" + sig + "/h", "https://"} {
		_, err := delivery.Fetch(t.Context(), address)
		if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), sig) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// fails is a transport that counts.
type fails struct{ n int }

func (f *fails) RoundTrip(*http.Request) (*http.Response, error) {
	f.n++
	return nil, io.ErrUnexpectedEOF
}

func TestFetchIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fails{}
		_, err := delivery.Fetch(t.Context(), "https://imagedelivery.net/h/i/v", rest.WithHTTPClient(&http.Client{Transport: f}), rest.WithTimeout(time.Minute))
		if !errors.Is(err, io.ErrUnexpectedEOF) || f.n != 3 {
			t.Errorf("%d requests, %v", f.n, err)
		}
	})
}

// TestAddressOfTheMock takes the variants of the mock for what they are.
func TestAddressOfTheMock(t *testing.T) {
	t.Parallel()
	m := mock.New()
	for _, id := range []string{
		"a", "shop/50% off/caté.svg", "a//b", "a///b//c", "a%2Fb", "%", "%25", "a?b#c", "a b", "a=1,b", "🐈/é", `<"\^[{|}]>`, "a/./b", "a/../b", "..a", "a:b@c;d", "+", "*",
	} {
		svg := api.Bytes("a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
		img, err := m.UploadImage(t.Context(), api.ImageUpload{File: svg, ID: id})
		if err != nil {
			t.Errorf("%q: %v", id, err)
			continue
		}
		a, err := delivery.Parse(img.Variants[0])
		if err != nil || a.ID != id || a.Variant != "public" {
			t.Errorf("%q: %+v of %s, %v", id, a, img.Variants[0], err)
		}
		if again, err := delivery.Parse(a.String()); err != nil || again != a {
			t.Errorf("%q: %s: %+v, %v", id, a, again, err)
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	const hash = "ZWd9g1K7eljCn_KDTu_MWA"
	for text, want := range map[string]delivery.Address{
		"https://imagedelivery.net/" + hash + "/083eb7b2/public":                             {ID: "083eb7b2", Variant: "public"},
		"https://imagedelivery.net/" + hash + "/a/b%25c/d.png/thumb":                         {ID: "a/b%c/d.png", Variant: "thumb"},
		"https://shop.example/cdn-cgi/imagedelivery/" + hash + "/083eb7b2/w=400,sharpen=3":   {ID: "083eb7b2", Variant: "w=400,sharpen=3", Base: "https://shop.example/cdn-cgi/imagedelivery"},
		"http://127.0.0.1:8787/cdn-cgi/imagedelivery/" + hash + "/%F0%9F%90%88%3F%23/public": {ID: "🐈?#", Variant: "public", Base: "http://127.0.0.1:8787/cdn-cgi/imagedelivery"},
	} {
		want.Hash = hash
		got, err := delivery.Parse(text)
		if err != nil || got.ID != want.ID || got.Variant != want.Variant || got.Hash != hash {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		if got.String() != text || want.String() != text {
			t.Errorf("%s and %s, want %s", got, want, text)
		}
	}
	a := delivery.Address{Hash: hash, ID: "a", Variant: "public"}
	if got := a.As("thumb").On("shop.example").String(); got != "https://shop.example/cdn-cgi/imagedelivery/"+hash+"/a/thumb" {
		t.Error(got)
	}
	if _, err := sign.Key("key").URL(a.String(), time.Time{}); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "/h/i/v", "https://imagedelivery.net/h/v", "https://imagedelivery.net/h//v", "https://imagedelivery.net/h/i/", "https://imagedelivery.net/h%41/i/v", "ftp://a.example/h/i/v", "https://u@imagedelivery.net/h/i/v", "https://a b/?sig=" + sig} {
		if _, err := delivery.Parse(bad); !errors.Is(err, delivery.ErrAddress) || strings.Contains(err.Error(), sig) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzAddress(f *testing.F) {
	f.Add("https://imagedelivery.net/h/a%2Fb/public")
	f.Add("https://a.example/cdn-cgi/imagedelivery/h/%25/w=4")
	f.Add("http://%25/h/i/v")
	f.Add("https://imagedelivery.net/h/a//b/public")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := delivery.Parse(text)
		if err != nil {
			return
		}
		again, err := delivery.Parse(a.String())
		if err != nil || again != a {
			t.Errorf("%q: %+v, then %+v, %v", text, a, again, err)
		}
	})
}

// FuzzID writes any id into a URL and reads it back.
func FuzzID(f *testing.F) {
	for _, id := range []string{"a//b", "/", "//", "/a", "a/", "%", "%2F", "%2f%", "a?b#c", "..", "./a", "é", "\xff", "\x00", "*", "cdn-cgi/imagedelivery/a"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		for _, base := range []string{"", "http://127.0.0.1:8787", "https://shop.example/cdn-cgi/imagedelivery"} {
			want := delivery.Address{Base: base, Hash: "ZWd9g1K7eljCn_KDTu_MWA", ID: id, Variant: "public"}
			got, err := delivery.Parse(want.String())
			if id == "" {
				if !errors.Is(err, delivery.ErrAddress) {
					t.Errorf("%s: %v", want, err)
				}
				continue
			}
			if want.Base == "" {
				want.Base = "https://" + delivery.Host
			}
			if err != nil || got != want {
				t.Errorf("%q in %s: %+v, %v", id, want, got, err)
			}
		}
	})
}
