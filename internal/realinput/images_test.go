package realinput

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func samples(t *testing.T) []Sample {
	t.Helper()
	all, err := Samples()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// one returns the smallest sample of a kind.
func one(t *testing.T, kind string) Sample {
	t.Helper()
	all := slices.DeleteFunc(samples(t), func(s Sample) bool { return s.Kind != kind })
	return slices.MinFunc(all, func(a, b Sample) int { return len(a.Content) - len(b.Content) })
}

func TestSamples(t *testing.T) {
	t.Parallel()
	count := map[string]int{}
	for _, s := range samples(t) {
		count[s.Kind]++
		if !filepath.IsAbs(s.Path) || s.Name == "" || len(s.Content) == 0 {
			t.Errorf("the sample %s is %q of %d bytes", s.Path, s.Name, len(s.Content))
		}
	}
	if count["jpeg"] < 5 || count["png"] < 3 || count["gif"] < 3 || count["webp"] < 5 {
		t.Errorf("too few samples: %v", count)
	}
}

// TestCurl uploads every sample, lists and filters them, downloads them again
// and deletes them.
func TestCurl(t *testing.T) {
	t.Parallel()
	u := serve(t).user("demo", "secret")
	ids, kinds := []string(nil), map[string][]string{}
	all := samples(t)
	for i, in := range all {
		meta := fmt.Sprintf(`{"kind":%q,"number":%d,"even":%t,"file":{"name":%q}}`, in.Kind, i, i%2 == 0, in.Name)
		var img image
		u.call(t, "-F", "file=@"+in.Path, "-F", "metadata="+meta, u.images+"/v1").ok(t, &img)
		if img.ID == "" || img.Filename != in.Name || img.Meta["kind"] != in.Kind || img.Meta["number"] != float64(i) ||
			img.Meta["even"] != (i%2 == 0) || img.Creator != nil || img.RequireSignedURLs || img.Draft || len(img.Variants) != 1 {
			t.Errorf("%s: the upload answered %+v", in.Name, img)
		}
		if at, err := time.Parse(time.RFC3339, img.Uploaded); err != nil || time.Since(at).Abs() > time.Hour {
			t.Errorf("%s: uploaded at %q", in.Name, img.Uploaded)
		}
		ids = append(ids, img.ID)
		kinds[in.Kind] = append(kinds[in.Kind], img.ID)
	}
	u.holds(t, len(all))
	if got := u.list(t, "sort_order=asc&per_page=10"); !slices.Equal(got, ids) {
		t.Errorf("the list in pages of ten is %v, want %v", got, ids)
	}
	u.filters(t, ids, kinds)
	for i, in := range all {
		u.download(t, in, ids[i])
	}
	for i, id := range ids {
		var gone map[string]any
		u.call(t, "-X", "DELETE", u.images+"/v1/"+id).ok(t, &gone)
		if len(gone) != 0 {
			t.Errorf("the deletion of %s answered %v", all[i].Name, gone)
		}
		u.call(t, u.images+"/v1/"+id).refused(t, 404, 5404, "")
	}
	u.holds(t, 0)
}

// filters lists with raw brackets, for which curl needs --globoff, and with
// encoded ones.
func (u *user) filters(t *testing.T, ids []string, kinds map[string][]string) {
	t.Helper()
	var even []string
	for i := 0; i < len(ids); i += 2 {
		even = append(even, ids[i])
	}
	odd := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(even, id) })
	for query, want := range map[string][]string{
		"meta.kind[eq]=webp":                              kinds["webp"],
		"meta.kind[eq:string]=gif":                        kinds["gif"],
		"meta.kind[in]=png|jpeg":                          inOrder(ids, kinds["png"], kinds["jpeg"]),
		"meta.number[gte:number]=3&meta.number[lt]=7":     ids[3:7],
		"meta.number[in:number]=2|4|4000":                 {ids[2], ids[4]},
		"meta.even[eq:boolean]=true":                      even,
		"meta.even[eq:boolean]=false":                     odd,
		"meta.file.name[eq]=triangle-001.gif":             kinds["gif"][:1], // the first by name
		"meta.kind[eq]=tiff":                              nil,
		"meta.missing[eq]=webp":                           nil,
		"meta.number[gt]=5&meta.number[lt]=5":             nil,
		"meta.kind[eq]=webp&meta.number[lte]=100000":      kinds["webp"],
		"meta.kind[eq]=webp&meta.kind[in]=png":            nil,
		"per_page=2&meta.kind[eq]=png&meta.number[gte]=0": kinds["png"],
	} {
		query = "sort_order=asc&" + query
		encoded := strings.NewReplacer("[", "%5B", "]", "%5D", ":", "%3A", "|", "%7C").Replace(query)
		if got := u.list(t, query, "--globoff"); !slices.Equal(got, want) {
			t.Errorf("%s selects %v, want %v", query, got, want)
		}
		if got := u.list(t, encoded); !slices.Equal(got, want) {
			t.Errorf("%s selects %v, want %v", encoded, got, want)
		}
	}
}

// inOrder returns the ids that are in one of the sets.
func inOrder(ids []string, sets ...[]string) []string {
	chosen := slices.Concat(sets...)
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !slices.Contains(chosen, id) })
}

// download saves the bytes of an image and compares them with the sample.
func (u *user) download(t *testing.T, in Sample, path string) {
	t.Helper()
	got := u.call(t, u.images+"/v1/"+path+"/blob")
	if got.status != 200 || !bytes.Equal(got.body, in.Content) {
		t.Errorf("%s came back with status %d and %d bytes, want the %d of the file", in.Name, got.status, len(got.body), len(in.Content))
	}
	if kind, size := got.header.Get("Content-Type"), got.header.Get("Content-Length"); kind != in.Type() || size != strconv.Itoa(len(in.Content)) {
		t.Errorf("%s came back as %s of the length %q", in.Name, kind, size)
	}
}

func TestCustomIDs(t *testing.T) {
	t.Parallel()
	u := serve(t).user("demo", "secret")
	in := one(t, "png")
	for i, id := range []string{"hat", "shop/2026/hat.png", "100%", "a?b#c", "b c+d", "héllo/🎩", "x/../y", "%2F", "keys", strings.Repeat("é", 1024)} {
		var img image
		u.call(t, "-F", "file=@"+in.Path, "--form-string", "id="+id, u.images+"/v1").ok(t, &img)
		if img.ID != id {
			t.Errorf("the upload with the id %.40q answered %.40q", id, img.ID)
		}
		u.holds(t, i+1)
		if id == "keys" { // the route of that name hides it
			continue
		}
		u.call(t, u.images+"/v1/"+escape(id)).ok(t, &img)
		if img.ID != id {
			t.Errorf("asked for %.40q the mock answered %.40q", id, img.ID)
		}
		u.download(t, in, escape(id))
	}
}

// escape writes every byte of an id that is no letter or digit as %XX.
func escape(id string) string {
	var b strings.Builder
	for _, c := range []byte(id) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// TestUnusualUploads is about forms that are as they should be, if unusual.
func TestUnusualUploads(t *testing.T) {
	t.Parallel()
	u := serve(t).user("demo", "secret")
	in := one(t, "gif")
	full := `{"k":"` + strings.Repeat("x", 1024-8) + `"}`
	n := 0
	for name, args := range map[string][]string{
		"chunked":                {"-H", "Transfer-Encoding: chunked", "-F", "file=@" + in.Path},
		"metadata of 1024 bytes": {"-F", "file=@" + in.Path, "-F", "metadata=" + full},
		"typed metadata":         {"-F", `metadata={"a":1};type=application/json`, "-F", "file=@" + in.Path},
		"file last":              {"-F", "requireSignedURLs=true", "-F", "creator=me", "-F", "file=@" + in.Path},
		"another type":           {"-F", "file=@" + in.Path + ";type=image/png"},
		"another name":           {"-F", "file=@" + in.Path + ";filename=räksmörgås \"1\".gif"},
		"no expectation":         {"-H", "Expect:", "-F", "file=@" + in.Path},
		"e-mail and key":         {"-H", "Authorization:", "-H", "X-Auth-Email: a@b.c", "-H", "X-Auth-Key: k", "-F", "file=@" + in.Path},
	} {
		var img image
		u.call(t, append(args, u.images+"/v1")...).ok(t, &img)
		n++
		u.holds(t, n)
		u.download(t, in, img.ID)
		if name == "another name" && img.Filename != `räksmörgås "1".gif` {
			t.Errorf("the file with another name is stored as %q", img.Filename)
		}
	}
}

// TestDirectUpload posts a file to a one-time URL, without credentials.
func TestDirectUpload(t *testing.T) {
	t.Parallel()
	u := serve(t, "--account", "demo:secret").user("demo", "secret")
	for i, kind := range []string{"jpeg", "png", "gif", "webp"} {
		in := one(t, kind)
		var target struct{ ID, UploadURL string }
		args := []string{"-X", "POST"} // no body at all
		if i > 0 {
			args = []string{"-F", `metadata={"kind":"` + kind + `"}`, "-F", "creator=me"}
		}
		u.call(t, append(args, u.images+"/v2/direct_upload")...).ok(t, &target)
		var img image
		u.call(t, u.images+"/v1/"+target.ID).ok(t, &img)
		if !img.Draft || img.ID != target.ID || img.Filename != "" || img.Uploaded == "" || len(img.Variants) == 0 {
			t.Errorf("the draft is %+v", img)
		}
		u.holds(t, i)
		u.call(t, u.images+"/v1/"+target.ID+"/blob").refused(t, 404, 5404, "")
		u.wrongUploads(t, target.UploadURL)
		u.holds(t, i)
		var done image
		curl(t, "-F", "file=@"+in.Path, target.UploadURL).ok(t, &done)
		if done.ID != target.ID || done.Draft || done.Filename != in.Name || i > 0 && done.Meta["kind"] != kind {
			t.Errorf("the upload answered %+v", done)
		}
		again := curl(t, "-F", "file=@"+in.Path, target.UploadURL)
		if again.open(t); again.status < 400 || again.status > 499 {
			t.Errorf("the second upload answered %d %s", again.status, again.body)
		}
		u.holds(t, i+1)
		u.download(t, in, target.ID)
	}
}

// wrongUploads posts what an upload URL must refuse without being used up.
func (u *user) wrongUploads(t *testing.T, target string) {
	t.Helper()
	in := one(t, "png")
	curl(t, target).refused(t, 405, 7001, "")
	curl(t, "-X", "PUT", "--data-binary", "@"+in.Path, target).refused(t, 405, 7001, "")
	curl(t, "--data-binary", "@"+in.Path, "-H", "Content-Type: image/png", target).refused(t, 415, 5415, "")
	curl(t, "-F", "image=@"+in.Path, target).refused(t, 400, 5400, "")
	curl(t, "-F", "file=no image", target).refused(t, 415, 5455, "")
	curl(t, "-F", "name=value", target).refused(t, 400, 5400, "")
	curl(t, "-F", "file=no image;filename=a.png;type=image/png", target).refused(t, 415, 5455, "")
	curl(t, "-F", "file=@"+in.Path, target+"x").refused(t, 404, 5404, "")
}

// TestGreeting runs the command the mock prints at its start.
func TestGreeting(t *testing.T) {
	t.Parallel()
	s := serve(t, "--account", "demo:secret")
	script := s.greeting[strings.Index(s.greeting, "\n\n"):strings.Index(s.greeting, "c, err :=")]
	if !strings.Contains(script, "curl ") {
		t.Fatalf("the greeting has no command for curl: %s", s.greeting)
	}
	out, err := shell(t.TempDir(), script)
	if err != nil || !strings.Contains(out, `"success":true`) {
		t.Errorf("the greeting's command failed with %v: %s", err, out)
	}
	s.user("demo", "secret").holds(t, 1)
}

// shell runs a script and returns what it printed.
func shell(dir, script string) (string, error) {
	cmd := exec.Command("sh", "-euc", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CURL_HOME="+dir, "NO_PROXY=*") // nobody's .curlrc
	out, err := cmd.CombinedOutput()
	return string(out), err
}
