package deliver_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/runtime/deliver"
	"github.com/cfimages/cfimages/runtime/sign"
)

func signed(t testing.TB, key sign.Key, path string, expires time.Time) string {
	t.Helper()
	target, err := key.Path(path, expires)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// TestAccess goes through who may see what: image and variant, with each kind of
// signature.
func TestAccess(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	s.settings.FlexibleVariants = true
	h := deliver.New(s)
	in := start.Add(time.Hour)
	for _, c := range []struct {
		path string
		want [4]int // none, wrong, expired, valid
	}{
		{"/photo/thumb", [4]int{200, 200, 200, 200}},
		{"/photo/teaser", [4]int{200, 200, 200, 200}},
		{"/private/thumb", [4]int{403, 403, 403, 200}},
		{"/private/teaser", [4]int{200, 200, 200, 200}},
	} {
		for _, prefix := range []string{"/", "/cdn-cgi/imagedelivery/"} {
			path := prefix + hash + c.path
			for i, target := range []string{path, signed(t, "other-key", path, in), signed(t, s.keys[0], path, start), signed(t, s.keys[1], path, in)} {
				if w := get(h, target); w.Code != c.want[i] {
					t.Errorf("%s: %d %s, want %d", target, w.Code, w.Body, c.want[i])
				}
			}
		}
	}
	flexible := "/" + hash + "/private/w=10"
	for _, target := range []string{flexible, flexible + strings.TrimPrefix(signed(t, s.keys[0], "/"+hash+"/private/thumb", in), "/"+hash+"/private/thumb")} {
		wants(t, target, get(h, target), 403, 9425)
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	h := deliver.New(s)
	path := "/" + hash + "/private/thumb"
	for target, says := range map[string]string{
		path: "not signed",
		signed(t, s.keys[0], path, start.Add(-time.Second)): "expired",
		signed(t, "other", path, start.Add(time.Hour)):      "The URL signature does not match. Expecting SHA-256 HMAC of the path",
		"/" + hash + "/private/nosuch":                      "This account doesn't have variant with this name",
	} {
		w := get(h, target)
		if wants(t, target, w, 403, 9425); !strings.Contains(w.Body.String(), says) {
			t.Errorf("%s: %s", target, w.Body)
		}
	}
}

// TestForgedSignatures changes a good URL in every way that could be overlooked.
func TestForgedSignatures(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	h := deliver.New(s)
	path := "/" + hash + "/private/thumb"
	good := signed(t, s.keys[0], path, start.Add(time.Hour))
	if w := get(h, good); w.Code != 200 {
		t.Fatal(w.Body)
	}
	query, sig, _ := strings.Cut(good, "&sig=")
	_, exp, _ := strings.Cut(query, "?")
	for name, target := range map[string]string{
		"upper case":           query + "&sig=" + strings.ToUpper(sig),
		"shorter":              good[:len(good)-1],
		"longer":               good + "0",
		"empty":                query + "&sig=",
		"twice":                good + "&sig=" + sig,
		"twice, wrong first":   query + "&sig=0&sig=" + sig,
		"expiry twice":         query + "&" + exp + "&sig=" + sig,
		"later":                strings.Replace(good, "exp=1", "exp=2", 1),
		"no expiry":            path + "?sig=" + sig,
		"another parameter":    good + "&w=1",
		"an encoded name":      query + "&%73ig=" + sig,
		"another variant":      strings.Replace(good, "/thumb?", "/public?", 1),
		"another image":        strings.Replace(good, "/private/", "/private2/", 1),
		"encoded otherwise":    strings.Replace(good, "/private/", "/%70rivate/", 1),
		"on a domain, by path": "/cdn-cgi/imagedelivery" + good,
		"a fragment of a sig":  query + "&sig=" + sig[:32],
	} {
		if w := get(h, target); w.Code == 200 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

func TestRotationAndTime(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	h := deliver.New(s)
	path := "/" + hash + "/private/thumb"
	expiring, forever := signed(t, s.keys[0], path, start.Add(time.Hour)), signed(t, s.keys[1], path, time.Time{})
	code := func(target string) int { return get(h, target).Code }
	if code(expiring) != 200 || code(forever) != 200 {
		t.Fatal("not even at first")
	}
	s.now = start.Add(time.Hour - time.Nanosecond)
	if code(expiring) != 200 {
		t.Error("it expires too early")
	}
	s.now = start.Add(time.Hour)
	if code(expiring) != 403 || code(forever) != 200 {
		t.Error("it does not expire, or the one without an end does")
	}
	s.keys = []sign.Key{"first-key", "rotated"}
	if code(forever) != 403 {
		t.Error("a key is valid after it was rotated")
	}
	s.keys = nil
	if code(forever) != 403 || code(path+"?sig=") != 403 {
		t.Error("without keys, something is valid")
	}
}

// TestSignedOverHTTP lets a server see the URL as a client sends it.
func TestSignedOverHTTP(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	s.store("x y/ü%", picturePNG(t, 8, 8), true)
	server := httptest.NewServer(deliver.New(s))
	t.Cleanup(server.Close)
	target, err := s.keys[0].URL(server.URL+"/"+hash+"/x%20y/%C3%BC%25/thumb", start.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(target)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Body.Close(); resp.StatusCode != 200 {
		t.Errorf("%s: %d", target, resp.StatusCode)
	}
}
