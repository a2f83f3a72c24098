package serve_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/server"
)

// maxRequests bounds the requests that are read from the bytes of one connection.
const maxRequests = 4

// wire writes a request as it is sent.
func wire(method, path, header, body string) string {
	return method + " " + path + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\n" + header + "\r\n" + body
}

// wires are requests to begin with: plain, pipelined, chunked, cut off and odd.
func wires() []string {
	base := "/client/v4" + accounts
	upload := parts(file, picture, `name="id"`, "a/b")
	kind := "Content-Type: " + form + "\r\n"
	get := wire("GET", base+"/v1/seed", "", "")
	return []string{
		get, get + get,
		wire("POST", base+"/v1", kind+"Content-Length: "+strconv.Itoa(len(upload))+"\r\n", upload) + get,
		wire("POST", base+"/v1", kind+"Content-Length: 9999\r\n", upload),
		wire("POST", base+"/v1", kind+"Transfer-Encoding: chunked\r\n", "5\r\n--B\r\n\r\n0\r\nX-Trailer: a\r\n\r\n"),
		wire("POST", base+"/v1", kind+"Transfer-Encoding: chunked\r\n", "zz\r\n"),
		wire("POST", base+"/v1", kind+"Expect: 100-continue\r\nContent-Length: 5\r\n", ""),
		wire("PATCH", base+"/v1/seed", "Content-Type: application/json\r\nContent-Length: 12\r\n", `{"a":1,"a":2`),
		wire("GET", base+"/v1/seed/blob", "Range: bytes=0-1,3-4\r\nIf-None-Match: *\r\n", ""),
		wire("GET", "http://b"+base+"/v2?meta.a[eq]=1", "Accept: text/plain\r\nAccept-Encoding: gzip\r\n", ""),
		wire("HEAD", base+"/v1/stats", "Origin: null\r\n", ""),
		wire("CONNECT", "a:80", "", ""), wire("OPTIONS", "*", "", ""),
		wire("POST", "/upload/a/b", kind+"Content-Length: 0\r\n", ""),
		"GET " + base + "/v1/%2e%2e/%00 HTTP/1.0\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		wire("DELETE", base+"/v1/keys/default", "Authorization: Basic eA==\r\nX-Auth-Key: \x7f\r\nX-Auth-Email: a\r\n", ""),
	}
}

// FuzzWire sends the bytes of a connection, as the parser of net/http takes them:
// whatever it lets through is answered with an envelope or an image, and never
// with 5xx.
func FuzzWire(f *testing.F) {
	for _, text := range wires() {
		f.Add([]byte(text), false)
		f.Add([]byte(text), true)
	}
	f.Fuzz(func(t *testing.T, sent []byte, all bool) {
		var opts []server.Option
		if all {
			opts = []server.Option{server.WithHEAD(), server.WithCORS("*"), server.WithNegotiation(), server.WithGzip(1), server.WithLenient()}
		}
		h := seeded(t, opts...)
		conn := bufio.NewReader(bytes.NewReader(sent))
		for range maxRequests {
			r, err := http.ReadRequest(conn)
			if err != nil {
				return
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			checkAnswer(t, w)
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return
			}
		}
	})
}

// checkAnswer checks that an answer is one the API may give to whatever is asked.
func checkAnswer(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	switch kind := w.Header().Get("Content-Type"); {
	case w.Code >= 500:
		t.Fatalf("%d %s", w.Code, w.Body)
	case w.Code >= 400 && strings.HasPrefix(kind, "text/plain"):
		if !strings.HasPrefix(w.Body.String(), "ERROR ") {
			t.Fatalf("%d %q", w.Code, w.Body)
		}
	case w.Code >= 400:
		checkEnvelope(t, w.Header(), w.Body.Bytes())
	case w.Code == http.StatusOK && kind == "":
		t.Fatalf("an answer without a type: %q", w.Body)
	case w.Code != http.StatusOK && w.Code != http.StatusNoContent && w.Code != http.StatusPartialContent && w.Code != http.StatusNotModified:
		t.Fatalf("status %d", w.Code)
	}
}
