package realinput

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// user is somebody with an account of a mock, and with curl.
type user struct {
	images string   // address of the account's images
	auth   []string // arguments of curl
}

func (s *served) user(account, token string) *user {
	return &user{images: s.api + "/accounts/" + account + "/images", auth: []string{"-H", "Authorization: Bearer " + token}}
}

// answer is what curl received.
type answer struct {
	args   []string
	status int
	header http.Header
	body   []byte
}

// plain keeps the settings of whoever runs the tests away from curl.
var plain = []string{"-q", "--noproxy", "*", "-sS"}

// curl runs curl with the arguments given; it fails the test when curl does.
func curl(t *testing.T, args ...string) *answer {
	t.Helper()
	dir := t.TempDir()
	head, body := filepath.Join(dir, "head"), filepath.Join(dir, "body")
	full := slices.Concat(plain, []string{"--max-time", "60", "-D", head, "-o", body}, args)
	out, err := exec.Command(curlPath, full...).CombinedOutput()
	if err != nil {
		t.Fatalf("curl %s: %v: %s", shown(args), err, out)
	}
	a := &answer{args: args, body: content(t, body)}
	a.status, a.header = lastHead(t, content(t, head))
	return a
}

// call adds the user's credentials to curl.
func (u *user) call(t *testing.T, args ...string) *answer {
	t.Helper()
	return curl(t, slices.Concat(u.auth, args)...)
}

// lastHead reads the head of the final answer; a 100 may be before it.
func lastHead(t *testing.T, dump []byte) (int, http.Header) {
	t.Helper()
	heads := bytes.Split(bytes.TrimSpace(dump), []byte("\r\n\r\n"))
	first, rest, _ := bytes.Cut(heads[len(heads)-1], []byte("\r\n"))
	fields := strings.Fields(string(first))
	if len(fields) < 2 {
		t.Fatalf("the answer begins with %q", first)
	}
	status, err := strconv.Atoi(fields[1])
	if err != nil {
		t.Fatal(err)
	}
	r := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(rest, "\r\n\r\n"...))))
	header, err := r.ReadMIMEHeader()
	if err != nil {
		t.Fatalf("head of the answer: %v", err)
	}
	return status, http.Header(header)
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) { // curl makes no file for an empty body
		t.Fatal(err)
	}
	return b
}

// shown is a command line of bounded length.
func shown(args []string) string {
	text := strings.Join(args, " ")
	if len(text) > 400 {
		text = text[:400] + "…"
	}
	return text
}

// message is an entry of an envelope's errors.
type message struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// envelope is the object around every answer.
type envelope struct {
	Result   json.RawMessage `json:"result"`
	Success  *bool           `json:"success"`
	Errors   []message       `json:"errors"`
	Messages []message       `json:"messages"`
}

// open reads the envelope and fails the test when there is none, or when it
// does not fit the status.
func (a *answer) open(t *testing.T) envelope {
	t.Helper()
	var e envelope
	var members map[string]json.RawMessage
	if err := json.Unmarshal(a.body, &members); err != nil {
		t.Fatalf("curl %s: the answer %d is no envelope: %v: %.300q", shown(a.args), a.status, err, a.body)
	}
	for _, name := range []string{"result", "success", "errors", "messages"} {
		if _, ok := members[name]; !ok || len(members) != 4 {
			t.Fatalf("curl %s: the envelope has not exactly its four members: %.300s", shown(a.args), a.body)
		}
	}
	if err := json.Unmarshal(a.body, &e); err != nil || e.Success == nil || e.Errors == nil || e.Messages == nil {
		t.Fatalf("curl %s: the envelope cannot be read (%v): %.300s", shown(a.args), err, a.body)
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("curl %s: the envelope has the type %q", shown(a.args), got)
	}
	if ok := a.status < 400; *e.Success != ok || (len(e.Errors) == 0) != ok || !ok && string(e.Result) != "null" {
		t.Errorf("curl %s: the envelope does not fit the status %d: %.300s", shown(a.args), a.status, a.body)
	}
	return e
}

// ok decodes the result of a call that must succeed.
func (a *answer) ok(t *testing.T, result any) {
	t.Helper()
	e := a.open(t)
	if a.status != http.StatusOK {
		t.Fatalf("curl %s: %d %.300s", shown(a.args), a.status, a.body)
	}
	if err := json.Unmarshal(e.Result, result); err != nil {
		t.Fatalf("curl %s: the result %.300s: %v", shown(a.args), e.Result, err)
	}
}

// refused fails the test unless the answer is the error given.
func (a *answer) refused(t *testing.T, status, code int, text string) {
	t.Helper()
	e := a.open(t)
	if a.status != status || len(e.Errors) == 0 || e.Errors[0].Code != code || !strings.Contains(e.Errors[0].Message, text) {
		t.Errorf("curl %s: got %d %.500s, want %d with code %d and a message with %q", shown(a.args), a.status, a.body, status, code, text)
	}
}

// image is what the API tells about an image.
type image struct {
	ID                string         `json:"id"`
	Filename          string         `json:"filename"`
	Creator           *string        `json:"creator"`
	Meta              map[string]any `json:"meta"`
	RequireSignedURLs bool           `json:"requireSignedURLs"`
	Uploaded          string         `json:"uploaded"`
	Variants          []string       `json:"variants"`
	Draft             bool           `json:"draft"`
}

// list returns the ids of the images a query selects, page by page, and fails
// the test when one comes twice.
func (u *user) list(t *testing.T, query string, args ...string) []string {
	t.Helper()
	var ids []string
	seen := map[string]bool{}
	for token := ""; ; {
		var page struct {
			Images []image `json:"images"`
			Token  *string `json:"continuation_token"`
		}
		u.call(t, append(args, u.images+"/v2?"+query+token)...).ok(t, &page)
		for _, img := range page.Images {
			if seen[img.ID] {
				t.Fatalf("the list %s holds %s twice", query, img.ID)
			}
			seen[img.ID] = true
			ids = append(ids, img.ID)
		}
		if page.Token == nil || *page.Token == "" {
			return ids
		}
		token = "&continuation_token=" + *page.Token
	}
}

// holds fails the test unless both lists and the statistics show n images.
func (u *user) holds(t *testing.T, n int) {
	t.Helper()
	var stats struct {
		Count struct {
			Current, Allowed int
		} `json:"count"`
	}
	u.call(t, u.images+"/v1/stats").ok(t, &stats)
	var v1 struct {
		Images []image `json:"images"`
	}
	u.call(t, u.images+"/v1?per_page=100").ok(t, &v1)
	v2 := u.list(t, "")
	if stats.Count.Current != n || len(v1.Images) != min(n, 100) || len(v2) != n {
		t.Errorf("the statistics count %d images, V1 lists %d and V2 %d, want %d", stats.Count.Current, len(v1.Images), len(v2), n)
	}
}
