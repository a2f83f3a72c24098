package realinput

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// badCall is a call that must be refused. Its arguments end with a path below
// the account's images.
type badCall struct {
	name         string
	args         []string
	status, code int
	text         string // in the message
}

// refusesAll makes every call, in an account with one image named kept. Nothing
// may be stored, or lost.
func (u *user) refusesAll(t *testing.T, calls []badCall) {
	t.Helper()
	in := one(t, "png")
	var kept image
	u.call(t, "-F", "file=@"+in.Path, "-F", "id=kept", "-F", `metadata={"a":1}`, u.images+"/v1").ok(t, &kept)
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) {
			args := append([]string{"--globoff", "--path-as-is"}, c.args...)
			args[len(args)-1] = u.images + c.args[len(c.args)-1]
			u.call(t, args...).refused(t, c.status, c.code, c.text)
			u.holds(t, 1)
		})
	}
	var still image
	u.call(t, u.images+"/v1/kept").ok(t, &still)
	if fmt.Sprint(still) != fmt.Sprint(kept) {
		t.Errorf("the image that was stored before has become %+v, want %+v", still, kept)
	}
	u.download(t, in, "kept")
	var list struct{ Variants map[string]any }
	if u.call(t, u.images+"/v1/variants").ok(t, &list); len(list.Variants) != 1 {
		t.Errorf("the account has the variants %v", list.Variants)
	}
	var keys struct{ Keys []any }
	if u.call(t, u.images+"/v1/keys").ok(t, &keys); len(keys.Keys) != 1 {
		t.Errorf("the account has the keys %v", keys.Keys)
	}
}

// form is a call that uploads with the arguments given beside the file.
func form(t *testing.T, args ...string) []string {
	t.Helper()
	return append([]string{"-F", "file=@" + one(t, "png").Path}, append(args, "/v1")...)
}

// write makes a file of the test.
func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBadCredentials(t *testing.T) {
	t.Parallel()
	s := serve(t, "--account", "demo:secret", "--account", "other:hidden")
	u := s.user("demo", "secret")
	in := one(t, "png").Path
	var kept image
	u.call(t, "-F", "file=@"+in, "-F", "id=kept", u.images+"/v1").ok(t, &kept)
	for _, tc := range []struct {
		name         string
		account      string
		header       []string
		status, code int
	}{
		{"no token", "demo", nil, 401, 10000},
		{"wrong token", "demo", []string{"-H", "Authorization: Bearer wrong"}, 401, 10000},
		{"a part of the token", "demo", []string{"-H", "Authorization: Bearer secre"}, 401, 10000},
		{"empty token", "demo", []string{"-H", "Authorization: Bearer "}, 401, 10000},
		{"no scheme", "demo", []string{"-H", "Authorization: secret"}, 401, 10000},
		{"another scheme", "demo", []string{"-u", "demo:secret"}, 401, 10000},
		{"a key without an e-mail address", "demo", []string{"-H", "X-Auth-Key: secret"}, 401, 10000},
		{"a wrong key", "demo", []string{"-H", "X-Auth-Email: a@b.c", "-H", "X-Auth-Key: wrong"}, 401, 10000},
		{"the token of another account", "demo", []string{"-H", "Authorization: Bearer hidden"}, 403, 9109},
		{"an unknown account", "unknown", []string{"-H", "Authorization: Bearer secret"}, 403, 9109},
		{"an unknown account and no token", "unknown", nil, 401, 10000},
		{"an account whose id is too long", strings.Repeat("a", 33), []string{"-H", "Authorization: Bearer secret"}, 404, 7003},
	} {
		t.Run(tc.name, func(t *testing.T) {
			images := s.api + "/accounts/" + tc.account + "/images"
			for _, args := range [][]string{
				{"-F", "file=@" + in, images + "/v1"},
				{images + "/v1/kept"},
				{images + "/v1/kept/blob"},
				{"-X", "DELETE", images + "/v1/kept"},
				{"-X", "PUT", images + "/v1/keys/second"},
				{images + "/v2"},
			} {
				curl(t, append(tc.header, args...)...).refused(t, tc.status, tc.code, "")
			}
		})
	}
	u.holds(t, 1)
	s.user("other", "hidden").holds(t, 0)
	u.call(t, u.images+"/v1/kept").ok(t, &kept)
}

func TestBadUploads(t *testing.T) {
	t.Parallel()
	text := write(t, "text.txt", []byte("This is no image.\n"))
	named := write(t, "text.png", []byte("This is no image either.\n"))
	empty := write(t, "empty.png", nil)
	zeros := write(t, "zeros.png", make([]byte, 11<<20))
	large := write(t, "large.png", append(bytes.Clone(one(t, "png").Content), make([]byte, 11<<20)...))
	header := write(t, "header.png", one(t, "png").Content[:20])
	body := write(t, "form", []byte("--B\r\nContent-Disposition: form-data; name=\"creator\"\r\n\r\nme\r\n--B--\r\n"))
	none := write(t, "none", []byte("--B--\r\n"))
	long := `metadata={"k":"` + strings.Repeat("x", 1025-8) + `"}`
	serve(t).user("demo", "secret").refusesAll(t, []badCall{
		{"text", []string{"-F", "file=@" + text, "/v1"}, 415, 5455, "image/jpeg"},
		{"text with the name of an image", []string{"-F", "file=@" + named, "/v1"}, 415, 5455, "image/jpeg"},
		{"text with the type of an image", []string{"-F", "file=@" + text + ";type=image/png", "/v1"}, 415, 5455, "image/jpeg"},
		{"an empty file", []string{"-F", "file=@" + empty, "/v1"}, 400, 5400, "empty"},
		{"a file that is cut in its header", []string{"-F", "file=@" + header, "/v1"}, 400, 9422, ""},
		{"11 MB of nothing", []string{"-F", "file=@" + zeros, "/v1"}, 413, 5413, ""},
		{"11 MB after an image", []string{"-F", "file=@" + large, "/v1"}, 413, 5413, ""},
		{"11 MB, chunked", []string{"-H", "Transfer-Encoding: chunked", "-F", "file=@" + large, "/v1"}, 413, 5413, ""},
		{"11 MB, sent at once", []string{"-H", "Expect:", "-F", "file=@" + large, "/v1"}, 413, 5413, ""},
		{"neither file nor URL", []string{"-F", "creator=me", "/v1"}, 400, 5400, ""},
		{"file and URL", form(t, "-F", "url=http://127.0.0.1/a.png"), 400, 5400, ""},
		{"two files", form(t, "-F", "file=@"+one(t, "gif").Path), 400, 5400, ""},
		{"a file of another name", []string{"-F", "image=@" + one(t, "png").Path, "/v1"}, 400, 5400, ""},
		{"a URL of another scheme", []string{"-F", "url=file:///etc/passwd", "/v1"}, 400, 5400, "url"},
		{"a URL of this machine", []string{"-F", "url=http://127.0.0.1/a.png", "/v1"}, 400, 5454, ""},

		{"metadata of 1025 bytes", form(t, "-F", long), 400, 5400, "1024"},
		{"metadata that is no JSON", form(t, "-F", `metadata={"a":`), 400, 5400, "metadata"},
		{"metadata that is an array", form(t, "-F", `metadata=[1]`), 400, 5400, "metadata"},
		{"metadata that is a string", form(t, "-F", `metadata="a"`), 400, 5400, "metadata"},
		{"metadata and more", form(t, "-F", `metadata={} {}`), 400, 5400, "metadata"},
		{"metadata in pieces", form(t, "-F", `metadata.album=hats`), 400, 5400, "Error parsing form fields"},
		{"a setting that is no boolean", form(t, "-F", "requireSignedURLs=yes"), 400, 5400, "requireSignedURLs"},
		{"a creator of 1025 characters", form(t, "-F", "creator="+strings.Repeat("c", 1025)), 400, 5400, "creator"},

		{"an id that begins with a slash", form(t, "-F", "id=/a"), 400, 5411, ""},
		{"an id that ends with a slash", form(t, "-F", "id=a/"), 400, 5411, ""},
		{"an id that is a UUID", form(t, "-F", "id=6c2f1c54-5c0e-4a55-7d0f-0f6b1b9f3a00"), 400, 5411, ""},
		{"an id of 1025 characters", form(t, "-F", "id="+strings.Repeat("é", 1025)), 400, 5411, ""},
		{"an id with the extension of another file", form(t, "-F", "id=report.pdf"), 400, 5411, ""},
		{"an id that is not UTF-8", form(t, "-F", "id=a\xff"), 400, 5411, ""},
		{"an id for a private image", form(t, "-F", "id=a", "-F", "requireSignedURLs=true"), 400, 5410, "custom ID"},
		{"an id that is taken", form(t, "-F", "id=kept"), 409, 5409, "exists"},

		{"an image that is no form", []string{"-H", "Content-Type: image/png", "--data-binary", "@" + one(t, "png").Path, "/v1"}, 415, 5415, "multipart"},
		{"JSON", []string{"-H", "Content-Type: application/json", "-d", `{"url":"http://a.b/c.png"}`, "/v1"}, 415, 5415, "multipart"},
		{"an encoded form", []string{"-d", "url=http://a.b/c.png", "/v1"}, 415, 5415, "multipart"},
		{"no body", []string{"-X", "POST", "/v1"}, 415, 5415, "multipart"},
		{"a form without a boundary", []string{"-H", "Content-Type: multipart/form-data", "--data-binary", "@" + body, "/v1"}, 400, 5400, "boundary"},
		{"a form with another boundary", []string{"-H", "Content-Type: multipart/form-data; boundary=C", "--data-binary", "@" + body, "/v1"}, 400, 5400, ""},
		{"a form without parts", []string{"-H", "Content-Type: multipart/form-data; boundary=B", "--data-binary", "@" + none, "/v1"}, 400, 5400, ""},
		{"a direct upload without parts", []string{"-H", "Content-Type: multipart/form-data; boundary=B", "--data-binary", "@" + none, "/v2/direct_upload"}, 400, 5400, ""},
		{"a direct upload in JSON", []string{"-H", "Content-Type: application/json", "-d", `{"id":"a"}`, "/v2/direct_upload"}, 415, 5415, "multipart"},
		{"a direct upload with an id that is taken", []string{"-F", "id=kept", "/v2/direct_upload"}, 409, 5409, "exists"},
		{"a direct upload with a bad id", []string{"-F", "id=/a", "/v2/direct_upload"}, 400, 5411, ""},
		{"a direct upload that expired", []string{"-F", "expiry=2020-01-01T00:00:00Z", "/v2/direct_upload"}, 400, 5400, "expiry"},
		{"a direct upload that expires on a day", []string{"-F", "expiry=tomorrow", "/v2/direct_upload"}, 400, 5400, "expiry"},
		{"a direct upload with long metadata", []string{"-F", long, "/v2/direct_upload"}, 400, 5400, "1024"},
	})
}

// TestTruncatedForms cuts forms in which the file comes first and last, above
// all in what is around the file.
func TestTruncatedForms(t *testing.T) {
	t.Parallel()
	in := one(t, "gif")
	text := "--B\r\nContent-Disposition: form-data; name=\"creator\"\r\n\r\nme\r\n"
	head := "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.gif\"\r\nContent-Type: image/gif\r\n\r\n"
	file := head + string(in.Content) + "\r\n"
	for name, whole := range map[string]string{"last": text + file + "--B--\r\n", "first": file + text + "--B--\r\n"} {
		t.Run("file "+name, func(t *testing.T) {
			t.Parallel()
			u := serve(t).user("demo", "secret")
			begin := strings.Index(whole, string(in.Content))
			for n := 1; n < len(whole)-len("\r\n"); n++ {
				inside := n > begin+1 && n < begin+len(in.Content)-1
				if inside && n != begin+len(in.Content)/2 || n < begin && n%7 != 0 {
					continue
				}
				if a := u.post(t, whole[:n]); a.status != 400 {
					t.Errorf("cut after %d of %d bytes, %q, the form is answered %d %s", n, len(whole), whole[max(0, n-20):n], a.status, a.body)
				} else if e := a.open(t); e.Errors[0].Code != 5400 && e.Errors[0].Code != 5450 {
					t.Errorf("cut after %d of %d bytes the form is answered with code %d", n, len(whole), e.Errors[0].Code)
				}
			}
			u.holds(t, 0)
			for i, form := range []string{whole, strings.TrimSuffix(whole, "\r\n")} {
				var img image
				u.post(t, form).ok(t, &img)
				u.holds(t, i+1)
				u.download(t, in, img.ID)
			}
		})
	}
}

// post uploads a form whose boundary is B.
func (u *user) post(t *testing.T, form string) *answer {
	t.Helper()
	path := write(t, "form", []byte(form))
	return u.call(t, "-H", "Content-Type: multipart/form-data; boundary=B", "--data-binary", "@"+path, u.images+"/v1")
}

// TestLostConnection announces more than it sends, and leaves.
func TestLostConnection(t *testing.T) {
	t.Parallel()
	u := serve(t).user("demo", "secret")
	args := slices.Concat(plain, u.auth, []string{"--max-time", "1", "-H", "Expect:", "-H", "Content-Length: 5000000"})
	args = append(args, "-H", "Content-Type: multipart/form-data; boundary=B", "--data-binary", "@"+one(t, "gif").Path, u.images+"/v1")
	out, err := exec.Command(curlPath, args...).CombinedOutput()
	if e, ok := errors.AsType[*exec.ExitError](err); !ok || e.ExitCode() != 28 { // curl's time is up
		t.Errorf("curl ended with %v: %s", err, out)
	}
	u.holds(t, 0)
}

func TestBadLists(t *testing.T) {
	t.Parallel()
	six := "meta.a[eq]=1&meta.b[eq]=1&meta.c[eq]=1&meta.d[eq]=1&meta.e[eq]=1&meta.f[eq]=1"
	eleven := strings.Repeat("x|", 10) + "x"
	serve(t).user("demo", "secret").refusesAll(t, []badCall{
		{"a sixth filter", []string{"/v2?" + six}, 400, 5400, "Too many metadata filters: 6 provided, maximum 5 allowed"},
		{"a sixth level", []string{"/v2?meta.a.b.c.d.e.f[eq]=1"}, 400, 5400, "5"},
		{"an eleventh element", []string{"/v2?meta.a[in]=" + eleven}, 400, 5400, "10"},
		{"an unknown operator", []string{"/v2?meta.a[not-eq]=1"}, 400, 5400, "Unsupported metadata filter operator: 'not-eq'"},
		{"no operator", []string{"/v2?meta.a=1"}, 400, 5400, "meta.a"},
		{"an empty operator", []string{"/v2?meta.a[]=1"}, 400, 5400, "operator"},
		{"no field", []string{"/v2?meta.[eq]=1"}, 400, 5400, "meta."},
		{"a field with a hyphen", []string{"/v2?meta.a-b[eq]=1"}, 400, 5400, "meta.a-b"},
		{"a list of booleans", []string{"/v2?meta.a[in:boolean]=true"}, 400, 5400, "in:boolean"},
		{"a range of text", []string{"/v2?meta.a[gt]=b"}, 400, 5400, "meta.a[gt]"},
		{"a number that is none", []string{"/v2?meta.a[eq:number]=one"}, 400, 5400, "meta.a[eq:number]"},
		{"a boolean that is none", []string{"/v2?meta.a[eq:boolean]=yes"}, 400, 5400, "meta.a[eq:boolean]"},
		{"the placeholder", []string{"/v2?meta.%3Cfield%3E%5B%3Coperator%3E%5D=1"}, 400, 5400, "placeholder"},
		{"a page of nothing", []string{"/v2?per_page=0"}, 400, 5400, "per_page"},
		{"a page of 10001", []string{"/v2?per_page=10001"}, 400, 5400, "per_page"},
		{"a page of ten, in words", []string{"/v2?per_page=ten"}, 400, 5400, "per_page"},
		{"an unknown order", []string{"/v2?sort_order=up"}, 400, 5400, "sort_order"},
		{"a token that is none", []string{"/v2?continuation_token=none"}, 400, 5400, ""},
		{"a bad escape", []string{"/v2?creator=%zz"}, 400, 5400, ""},
		{"page 0", []string{"/v1?page=0"}, 400, 5400, "page"},
	})
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	asJSON := []string{"-H", "Content-Type: application/json", "-X"}
	send := func(method, body, path string) []string {
		return slices.Concat(asJSON, []string{method, "-d", body, path})
	}
	const options = `{"fit":"cover","metadata":"none","width":1,"height":1}`
	u := serve(t).user("demo", "secret")
	u.refusesAll(t, []badCall{
		{"get an unknown id", []string{"/v1/unknown"}, 404, 5404, "not found"},
		{"blob of an unknown id", []string{"/v1/unknown/blob"}, 404, 5404, "not found"},
		{"delete an unknown id", []string{"-X", "DELETE", "/v1/unknown"}, 404, 5404, "not found"},
		{"edit an unknown id", send("PATCH", `{"creator":"me"}`, "/v1/unknown"), 404, 5404, "not found"},
		{"delete an unknown key", []string{"-X", "DELETE", "/v1/keys/unknown"}, 404, 5404, ""},
		{"get an unknown variant", []string{"/v1/variants/unknown"}, 404, 5401, "not found"},
		{"delete an unknown variant", []string{"-X", "DELETE", "/v1/variants/unknown"}, 404, 5401, "not found"},
		{"edit an unknown variant", send("PATCH", `{"options":`+options+`}`, "/v1/variants/unknown"), 404, 5401, "not found"},

		{"malformed JSON", send("PATCH", `{"creator":`, "/v1/kept"), 400, 5400, ""},
		{"JSON and more", send("PATCH", `{"creator":"me"} {}`, "/v1/kept"), 400, 5400, ""},
		{"JSON that is no object", send("PATCH", `["me"]`, "/v1/kept"), 400, 5400, ""},
		{"JSON in single quotes", send("PATCH", `{'creator':'me'}`, "/v1/kept"), 400, 5400, ""},
		{"no JSON", slices.Concat(asJSON, []string{"PATCH", "/v1/kept"}), 400, 5400, ""},
		{"text instead of JSON", []string{"-X", "PATCH", "-H", "Content-Type: text/plain", "-d", `{"creator":"me"}`, "/v1/kept"}, 415, 5415, ""},
		{"a form instead of JSON", []string{"-X", "PATCH", "-F", "creator=me", "/v1/kept"}, 415, 5415, ""},
		{"a number for a text", send("PATCH", `{"creator":1}`, "/v1/kept"), 400, 5400, "creator"},
		{"a text for a boolean", send("PATCH", `{"requireSignedURLs":"true"}`, "/v1/kept"), 400, 5400, "requireSignedURLs"},
		{"long metadata", send("PATCH", `{"metadata":{"k":"`+strings.Repeat("x", 1025-8)+`"}}`, "/v1/kept"), 400, 5400, "1024"},
		{"an id for a private image", send("PATCH", `{"requireSignedURLs":true}`, "/v1/kept"), 400, 5410, "custom ID"},

		{"a malformed variant", send("POST", `{"id":"a","options":{`, "/v1/variants"), 400, 5400, ""},
		{"a variant without options", send("POST", `{"id":"a"}`, "/v1/variants"), 400, 5400, "options"},
		{"a variant with a hyphen", send("POST", `{"id":"a-b","options":`+options+`}`, "/v1/variants"), 400, 5400, "id"},
		{"a variant with an unknown fit", send("POST", `{"id":"a","options":`+strings.Replace(options, "cover", "squeeze", 1)+`}`, "/v1/variants"), 400, 5400, "fit"},
		{"a variant without a width", send("POST", `{"id":"a","options":`+strings.Replace(options, `"width":1`, `"width":0`, 1)+`}`, "/v1/variants"), 400, 5400, "width"},
		{"a variant that is there", send("POST", `{"id":"public","options":`+options+`}`, "/v1/variants"), 409, 5409, "exists"},
		{"a key with a long name", []string{"-X", "PUT", "/v1/keys/" + strings.Repeat("k", 21)}, 400, 5400, ""},

		{"an unknown path", []string{"/v3"}, 404, 7003, "No route"},
		{"a longer path", []string{"/v1/kept/blob/more"}, 404, 7003, "No route"},
		{"an empty id", []string{"-X", "DELETE", "/v1/"}, 404, 7003, "No route"},
		{"an id in pieces", []string{"-X", "DELETE", "/v1/a/kept"}, 404, 7003, "No route"},
		{"an unknown method", []string{"-X", "BREW", "/v1"}, 405, 7001, ""},
		{"put a list", []string{"-X", "PUT", "/v1"}, 405, 7001, ""},
		{"delete the statistics", []string{"-X", "DELETE", "/v1/stats"}, 405, 7001, ""},
		{"post an image", []string{"-X", "POST", "/v1/kept"}, 405, 7001, ""},
		{"get a direct upload", []string{"/v2/direct_upload"}, 405, 7001, ""},
	})
	if got := u.call(t, "-X", "PUT", u.images+"/v1").header.Get("Allow"); got != "GET, POST" {
		t.Errorf("a list allows %q", got)
	}
	root, _, _ := strings.Cut(u.images, "/client/v4")
	for _, path := range []string{
		"/client", "/client/v4", "/client/v4/", "/client/v4/accounts", "/accounts/demo/images/v1",
		"/client/v4/accounts//images/v1", "/client/v4//accounts/demo/images/v1", "/client/v4/accounts/demo/images/v1/",
	} {
		u.call(t, "--path-as-is", root+path).refused(t, 404, 7003, "No route")
	}
	curl(t, "-F", "file=@"+one(t, "png").Path, root+"/upload/none/none").refused(t, 404, 5404, "")
}

// TestMalformedTarget is about a request that net/http answers itself, before
// any handler sees it: in text, without an envelope.
func TestMalformedTarget(t *testing.T) {
	t.Parallel()
	u := serve(t).user("demo", "secret")
	a := u.call(t, "-F", "file=@"+one(t, "png").Path, u.images+"/v1?%zz")
	a.refused(t, 400, 5400, "query")
	if a = u.call(t, u.images+"/v1/%zz"); a.status != 400 || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("a path with a bad escape is answered %d %q", a.status, a.body)
	}
	u.holds(t, 0)
}
