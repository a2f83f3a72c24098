package fake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
)

// site serves what uploads by URL can meet.
func site(t *testing.T) string {
	mux := http.NewServeMux()
	mux.HandleFunc("/a/b%20c.png", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(pixel(1)) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		switch name := r.URL.Path; name {
		case "/", "/a/b c.png":
			_, _ = w.Write(pixel(1))
		case "/page.png":
			_, _ = io.WriteString(w, "<html></html>")
		case "/large.png":
			_, _ = w.Write(append(pixel(1), make([]byte, maxImage)...))
		case "/private.png":
			if user, pass, _ := r.BasicAuth(); user != "u" || pass != "p" {
				w.WriteHeader(http.StatusUnauthorized)
			}
			_, _ = w.Write(pixel(1))
		case "/half.png":
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write(pixel(1))
		case "/ftp":
			http.Redirect(w, r, "ftp://a.example/b.png", http.StatusFound)
		default:
			redirect(w, r)
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

// redirect answers /n with /n-1, and /0 with an image.
func redirect(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.URL.Path[1:])
	switch {
	case err != nil:
		http.NotFound(w, r)
	case n == 0:
		_, _ = w.Write(pixel(1))
	default:
		http.Redirect(w, r, "/"+strconv.Itoa(n-1), http.StatusFound)
	}
}

func TestUploadByURL(t *testing.T) {
	base := site(t)
	a := New(WithPrivateFetch()).Account("one")
	for path, name := range map[string]string{
		"/a/b%20c.png?x=1": "b c.png", "/": "", "": "", "/5": "5", "/0": "0",
	} {
		img := ok(a.UploadImage(t.Context(), api.ImageUpload{URL: base + path}))(t)
		equal(t, "filename", img.Filename, name)
		data, mediaType := blobOf(t, a, img.ID)
		equal(t, "blob", string(data), string(pixel(1)))
		equal(t, "media type", mediaType, "image/png")
	}
	ok(a.UploadImage(t.Context(), api.ImageUpload{URL: strings.Replace(base, "//", "//u:p@", 1) + "/private.png"}))(t)
}

func TestFailedFetches(t *testing.T) {
	base := site(t)
	a := New(WithPrivateFetch()).Account("one")
	for u, want := range map[string]*contract.ErrorKind{
		base + "/missing.png":         api.ErrFetchFailed,
		base + "/private.png":         api.ErrFetchFailed,
		base + "/half.png":            api.ErrFetchFailed,
		base + "/6":                   api.ErrFetchFailed,
		base + "/ftp":                 api.ErrFetchFailed,
		"http://127.0.0.1:1/a.png":    api.ErrFetchFailed,
		base + "/page.png":            api.ErrUnsupportedImage,
		base + "/large.png":           api.ErrImageTooLarge,
		"file:///etc/hostname":        api.ErrBadRequest,
		"ftp://a.example/b.png":       api.ErrBadRequest,
		"data:image/png;base64,aaaa":  api.ErrBadRequest,
		"http:///a.png":               api.ErrBadRequest,
		"//a.example/b.png":           api.ErrBadRequest,
		"http://a.example:port/b.png": api.ErrBadRequest,
	} {
		_, err := a.UploadImage(t.Context(), api.ImageUpload{URL: u})
		fails(t, err, want)
	}
	equal(t, "count", ok(a.GetStats(t.Context()))(t).Count.Current, 0)
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	base := site(t)
	a := New().Account("one")
	for _, u := range []string{base + "/", strings.Replace(base, "127.0.0.1", "localhost", 1) + "/"} {
		_, err := a.UploadImage(t.Context(), api.ImageUpload{URL: u})
		fails(t, err, api.ErrFetchFailed)
		if !errors.Is(err, errPrivate) {
			t.Errorf("%s: %v", u, err)
		}
	}
	for text, want := range map[string]bool{
		"1.1.1.1": true, "2606:4700::1111": true,
		"127.0.0.1": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "0.0.0.0": false,
		"100.64.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "::1": false, "::": false, "fe80::1%eth0": false, "fd00::1": false,
		"::ffff:127.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "ff02::1": false,
	} {
		equal(t, text, public(netip.MustParseAddr(text)), want)
	}
}

func TestOwnFetcher(t *testing.T) {
	closed := 0
	a := New(WithFetcher(func(_ context.Context, u string) (string, string, io.ReadCloser, error) {
		switch {
		case strings.HasSuffix(u, "error"):
			return "", "", nil, errors.New("boom")
		case strings.HasSuffix(u, "own"):
			return "", "", nil, api.ErrUnavailable
		default:
			return strings.Repeat("n", 300), "text/plain", closer{bytes.NewReader(pixel(9)), &closed}, nil
		}
	})).Account("one")
	img := ok(a.UploadImage(t.Context(), api.ImageUpload{URL: "https://a.example/x"}))(t)
	equal(t, "filename", len(img.Filename), maxFilename)
	equal(t, "closed", closed, 1)
	_, err := a.UploadImage(t.Context(), api.ImageUpload{URL: "https://a.example/error"})
	fails(t, err, api.ErrFetchFailed)
	if !strings.Contains(err.Error(), "boom") {
		t.Errorf("the reason is lost: %v", err)
	}
	_, err = a.UploadImage(t.Context(), api.ImageUpload{URL: "https://a.example/own"})
	fails(t, err, api.ErrUnavailable)
}

type closer struct {
	io.Reader
	n *int
}

func (c closer) Close() error { *c.n++; return nil }

func TestSlowOriginIsGivenUp(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer s.Close()
	a := New(WithPrivateFetch()).Account("one")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := a.UploadImage(ctx, api.ImageUpload{URL: s.URL})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v", err)
	}
	equal(t, "limit", fetchTimeout, 10*time.Second)
}
