package sign_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/runtime/sign"
)

const (
	host   = "https://imagedelivery.net"
	image  = "/testHash_AbC-123/0f8fad5b-d9cb-469f-a165-70867728950e"
	plain  = sign.Key("k3y-for-tests-0123456789abcdefgh")
	base64 = sign.Key("Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXU=")
)

var expiry = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) // 1893456000

func signed(t *testing.T, k sign.Key, variantURL string, expires time.Time) string {
	t.Helper()
	u, err := k.URL(variantURL, expires)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestVectors has signatures that were computed by other implementations of
// HMAC.
func TestVectors(t *testing.T) {
	for name, tc := range map[string]struct {
		key     sign.Key
		path    string
		expires time.Time
		query   string
	}{
		"with expiry": {plain, image + "/thumb", expiry,
			"?exp=1893456000&sig=2329ba84a4112c9ddd9795b6100b7c65a4ff619c0ea6b8b7c2546cadb202c21d"},
		"without": {plain, image + "/thumb", time.Time{},
			"?sig=3b3ed820aecfc44445a77a1dd88e3fb77b34b8cc3fa823422e546df4e4613209"},
		"key that looks like base64": {base64, image + "/public", expiry,
			"?exp=1893456000&sig=31d6f341bca6478faecb49f7adb8785d246aefb6edaea482a34b425ad8471f5d"},
		"domain of one's own, unverified": {plain, "/cdn-cgi/imagedelivery" + image + "/thumb", expiry,
			"?exp=1893456000&sig=7dd19f6e22dfeafbbab1a34a87f730e4b82f02d1d6e460ee3bd70f958f2f4970"},
	} {
		t.Run(name, func(t *testing.T) {
			u := signed(t, tc.key, host+tc.path, tc.expires)
			if u != host+tc.path+tc.query {
				t.Errorf("URL  %s\nwant %s", u, host+tc.path+tc.query)
			}
			p, err := tc.key.Path(tc.path, tc.expires)
			if err != nil || p != tc.path+tc.query {
				t.Errorf("path %s\nwant %s\n%v", p, tc.path+tc.query, err)
			}
			before := expiry.Add(-time.Second)
			for _, form := range []string{u, p} {
				if err := sign.Verify(form, before, tc.key); err != nil {
					t.Errorf("%s: %v", form, err)
				}
			}
			if strings.Contains(u, "412a9b368a8ce3d658f6d209771f3dd0a0ed7e22f867d6e5e941cb6a7af60bf1") {
				t.Error("the key was decoded from base64")
			}
		})
	}
}

func TestExpiryIsInWholeSecondsAndAnyZone(t *testing.T) {
	want := signed(t, plain, host+image+"/thumb", expiry)
	local := expiry.Add(999 * time.Millisecond).In(time.FixedZone("", 7200))
	if got := signed(t, plain, host+image+"/thumb", local); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestSignedPathIsTheRequestedPath asks a server for the URL and lets it
// verify what it sees.
func TestSignedPathIsTheRequestedPath(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := sign.Verify(r.RequestURI, expiry.Add(-time.Hour), plain); err != nil {
			t.Errorf("%s: %v", r.RequestURI, err)
		}
	}))
	defer srv.Close()
	for _, id := range []string{"plain", "a/b", "a%2Fb", "a%20b", "a b", "naïve", "na%C3%AFve", "a%25b", "a+b", "a~b!$&'()*,;:@", "猫", "[x]", "a|b^c"} {
		for _, expires := range []time.Time{{}, expiry} {
			u := signed(t, plain, srv.URL+"/hash/"+id+"/public", expires)
			res, err := http.Get(u)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
		}
	}
	if got := signed(t, plain, host+"/h/a%2Fb/public", expiry); !strings.HasPrefix(got, host+"/h/a%2Fb/public?") {
		t.Errorf("the path's encoding changed: %s", got)
	}
}

func TestNotSignable(t *testing.T) {
	good := host + image + "/thumb"
	for name, tc := range map[string]struct {
		key     sign.Key
		url     string
		expires time.Time
		want    error
	}{
		"no key":         {"", good, expiry, sign.ErrNoKey},
		"signed already": {plain, good + "?sig=x", expiry, sign.ErrNotSignable},
		"empty query":    {plain, good + "?", expiry, sign.ErrNotSignable},
		"fragment":       {plain, good + "#x", expiry, sign.ErrNotSignable},
		"user":           {plain, "https://me:pw@imagedelivery.net/h/i/v", expiry, sign.ErrNotSignable},
		"no host":        {plain, image + "/thumb", expiry, sign.ErrNotSignable},
		"no path":        {plain, host, expiry, sign.ErrNotSignable},
		"root":           {plain, host + "/", expiry, sign.ErrNotSignable},
		"dots":           {plain, host + "/h/../v", expiry, sign.ErrNotSignable},
		"encoded dots":   {plain, host + "/h/%2E%2e/v", expiry, sign.ErrNotSignable},
		"malformed":      {plain, host + "/h/%zz/v", expiry, sign.ErrNotSignable},
		"opaque":         {plain, "https:h/i/v", expiry, sign.ErrNotSignable},
		"before 1970":    {plain, good, time.Unix(-1, 0), sign.ErrNotSignable},
		"flexible":       {plain, host + image + "/w=400,sharpen=3", expiry, sign.ErrFlexible},
	} {
		if got, err := tc.key.URL(tc.url, tc.expires); !errors.Is(err, tc.want) || got != "" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, path := range []string{"", "h/i/v", "//host/i/v", host + "/h/i/v", "/h/i/v?x", "/h/i/v#x", "/%zz"} {
		if got, err := plain.Path(path, expiry); !errors.Is(err, sign.ErrNotSignable) || got != "" {
			t.Errorf("%q: %q, %v", path, got, err)
		}
	}
}

func TestVerifyExpiry(t *testing.T) {
	u := signed(t, plain, host+image+"/thumb", expiry)
	for _, tc := range []struct {
		now  time.Time
		want error
	}{
		{expiry.Add(-time.Nanosecond), nil},
		{expiry, sign.ErrExpired},
		{expiry.Add(time.Hour), sign.ErrExpired},
	} {
		if err := sign.Verify(u, tc.now, plain); !errors.Is(err, tc.want) {
			t.Errorf("at %v: %v, want %v", tc.now, err, tc.want)
		}
	}
	forever := signed(t, plain, host+image+"/thumb", time.Time{})
	if err := sign.Verify(forever, expiry.AddDate(500, 0, 0), plain); err != nil {
		t.Errorf("without expiry: %v", err)
	}
}

func TestVerifyRotation(t *testing.T) {
	u := signed(t, base64, host+image+"/thumb", expiry)
	now := expiry.Add(-time.Hour)
	for name, tc := range map[string]struct {
		keys []sign.Key
		want error
	}{
		"first":  {[]sign.Key{base64, plain}, nil},
		"second": {[]sign.Key{plain, base64}, nil},
		"gone":   {[]sign.Key{plain}, sign.ErrMismatch},
		"none":   {nil, sign.ErrMismatch},
		"empty":  {[]sign.Key{""}, sign.ErrMismatch},
	} {
		if err := sign.Verify(u, now, tc.keys...); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

// TestEmptyKeySignsNothing has a signature anybody can make.
func TestEmptyKeySignsNothing(t *testing.T) {
	h := hmac.New(sha256.New, nil)
	h.Write([]byte(image + "/thumb"))
	u := image + "/thumb?sig=" + hex.EncodeToString(h.Sum(nil))
	if err := sign.Verify(u, expiry, "", plain); !errors.Is(err, sign.ErrMismatch) {
		t.Errorf("%v", err)
	}
}

func TestVerifyTampering(t *testing.T) {
	now := expiry.Add(-time.Hour)
	path := image + "/thumb"
	u := signed(t, plain, host+path, expiry)
	_, sig, _ := strings.Cut(u, "&sig=")
	for name, tc := range map[string]struct {
		url  string
		want error
	}{
		"no query":          {path, sign.ErrMissing},
		"no sig":            {path + "?exp=1893456000", sign.ErrMissing},
		"empty sig":         {path + "?exp=1893456000&sig=", sign.ErrMissing},
		"later":             {path + "?exp=1893456001&sig=" + sig, sign.ErrMismatch},
		"forever":           {path + "?sig=" + sig, sign.ErrMismatch},
		"another variant":   {image + "/public?exp=1893456000&sig=" + sig, sign.ErrMismatch},
		"another encoding":  {strings.Replace(u, "thumb", "%74humb", 1), sign.ErrMismatch},
		"upper case":        {path + "?exp=1893456000&sig=" + strings.ToUpper(sig), sign.ErrMismatch},
		"cut":               {strings.TrimSuffix(u, sig[60:]), sign.ErrMismatch},
		"longer":            {u + "0", sign.ErrMismatch},
		"not hex":           {path + "?exp=1893456000&sig=zz", sign.ErrMismatch},
		"one more param":    {u + "&width=1", sign.ErrMismatch},
		"empty param":       {u + "&", sign.ErrMismatch},
		"sig twice":         {u + "&sig=" + sig, sign.ErrMismatch},
		"empty sig first":   {path + "?sig=&exp=1893456000&sig=" + sig, sign.ErrMismatch},
		"exp twice":         {path + "?exp=1893456000&exp=1993456000&sig=" + sig, sign.ErrMismatch},
		"fragment":          {u + "#x", sign.ErrMismatch},
		"nothing":           {"", sign.ErrMissing},
		"host without path": {host + "?sig=" + sig, sign.ErrMismatch},
	} {
		if err := sign.Verify(tc.url, now, plain); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	if err := sign.Verify(path+"?sig="+sig+"&exp=1893456000", now, plain); err != nil {
		t.Errorf("sig before exp: %v", err)
	}
}

func TestVerifyEveryFlippedCharacter(t *testing.T) {
	u := signed(t, plain, image2URL, expiry)
	for i := len(host); i < len(u); i++ {
		changed := []byte(u)
		changed[i] ^= 1
		if err := sign.Verify(string(changed), expiry.Add(-time.Hour), plain); err == nil {
			t.Errorf("accepted: %s", changed)
		}
	}
}

const image2URL = host + image + "/thumb"

func TestKeyIsNeverPrinted(t *testing.T) {
	k := plain
	type config struct {
		Key  sign.Key
		Keys []sign.Key
		Ptr  *sign.Key
	}
	c := config{k, []sign.Key{k}, &k}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s"} {
		fmt.Fprintf(&out, verb+"\n", k)
		fmt.Fprintf(&out, verb+"\n", c)
		fmt.Fprintf(&out, verb+"\n", &c)
	}
	fmt.Fprintln(&out, k, k.String(), k.GoString())
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "key", k, "config", c)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "key", k, "config", c)
	if err := json.NewEncoder(&out).Encode(c); err != nil {
		t.Fatal(err)
	}
	if _, err := k.URL("https://me:pw@host/%", expiry); err != nil {
		fmt.Fprintln(&out, err)
	}
	fmt.Fprintln(&out, sign.Verify(image2URL+"?sig=x", expiry, k))
	for _, leak := range []string{string(k), fmt.Sprintf("%x", string(k)), fmt.Sprintf("%X", string(k)), string(k)[:6]} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q is in the output:\n%s", leak, out.String())
		}
	}
}

func TestKeyReadsFromJSON(t *testing.T) {
	var k sign.Key
	if err := json.Unmarshal([]byte(`"secret"`), &k); err != nil || string(k) != "secret" {
		t.Errorf("%v", err)
	}
}

func ExampleKey_URL() {
	key := sign.Key("k3y-for-tests-0123456789abcdefgh")
	u, err := key.URL("https://imagedelivery.net/hash/image/public", time.Unix(1893456000, 0))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sign.Verify(u, time.Unix(1893455999, 0), key))
	fmt.Println(sign.Verify(u, time.Unix(1893456000, 0), key))
	// Output:
	// <nil>
	// sign: the URL has expired
}

func FuzzVerify(f *testing.F) {
	f.Add(image + "/thumb?exp=1893456000&sig=2329ba84a4112c9ddd9795b6100b7c65a4ff619c0ea6b8b7c2546cadb202c21d")
	f.Add("https://h/p?sig=&sig=")
	f.Add("://?&=&")
	f.Fuzz(func(t *testing.T, rawURL string) {
		if err := sign.Verify(rawURL, expiry, sign.Key("another key")); err == nil {
			t.Errorf("%q was accepted", rawURL)
		}
	})
}
