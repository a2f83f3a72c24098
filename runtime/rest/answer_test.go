package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/runtime/contract"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	const ok = ""
	const nothing = "HTTP 200: the result of the answer has nothing that the API documents"
	result := `"result":{"id":"a","uploaded":"2026-05-11T08:31:45Z","variants":[]}`
	tests := []struct {
		name string
		step step
		want string // the error's text after the operation
		is   error
	}{
		{"success", answer(200, oneImage), ok, nil},
		{"status 201", answer(201, oneImage), ok, nil},
		{"success as text", answer(200, oneImage, "Content-Type", "text/plain"), ok, nil},
		{"extra members", answer(200, `{`+result+`,"success":true,"result_info":null,"timing":{}}`), ok, nil},
		{"errors beside a success", answer(200, `{`+result+`,"success":true,"errors":[{"code":1001,"message":"careful"}]}`), ok, nil},

		{"success false, status 200", answer(200, noImage), "HTTP 200: 5404 Image not found", api.ErrImageNotFound},
		{"success false, no errors", answer(200, `{"result":null,"success":false}`), `HTTP 200: the answer does not say success`, nil},
		{"success missing", answer(200, `{`+result+`}`), "HTTP 200: the answer does not say success", nil},
		{"success null", answer(200, `{`+result+`,"success":null}`), "HTTP 200: the answer does not say success", nil},
		{"success as text", answer(200, `{"success":"true"}`), "", errAny},
		{"result null", answer(200, `{"result":null,"success":true}`), `HTTP 200: the answer has no result`, nil},
		{"result missing", answer(200, `{"success":true,"errors":[]}`), `HTTP 200: the answer has no result`, nil},
		{"no result but errors", answer(200, `{"success":true,"errors":[{"code":5404,"message":"gone"}]}`), "HTTP 200: 5404 gone", api.ErrImageNotFound},
		{"result of another type, with errors", answer(200, `{"result":[],"success":false,"errors":[{"code":5404,"message":"x"}]}`), "HTTP 200: 5404 x", api.ErrImageNotFound},
		{"result of another type", answer(200, `{"result":"x","success":true}`), "", errAny},
		{"truncated JSON", answer(200, oneImage[:len(oneImage)/2]), "", errAny},
		{"two values", answer(200, oneImage+oneImage), "", errAny},
		{"empty", answer(200, ""), "HTTP 200: the answer is not what the API documents: unexpected end of JSON input", nil},
		{"204", answer(204, ""), "HTTP 204: the answer is not what the API documents: unexpected end of JSON input", nil},
		{"HTML, status 200", answer(200, "<html>log in</html>", "Content-Type", "text/html"), "", errAny},
		{"text, status 200", answer(200, "ERROR 5455: nope", "Content-Type", "text/plain"), "HTTP 200: 5455 nope", api.ErrUnsupportedImage},
		{"null", answer(200, "null"), "HTTP 200: the answer does not say success: null", nil},
		{"array", answer(200, "[]"), "HTTP 200: the answer is not what the API documents: it is no JSON object", nil},
		{"empty result", answer(200, `{"result":{},"success":true}`), nothing, nil},
		{"empty result, read by encoding/json", answer(200, `{"Success":1,"result":{},"success":true}`), nothing, nil},
		{"result of nulls", answer(200, `{"result":{"id":null,"variants":null},"success":true}`), nothing, nil},
		{"another result", answer(200, `{"result":{"name":{"id":"a"}},"success":true}`), nothing, nil},
		{"compressed", answer(200, "\x1f\x8b", "Content-Encoding", "gzip"), "HTTP 200: the answer has the content encoding gzip, which was not asked for", nil},
		{"secret without an envelope", answer(200, `{"keys":[{"value":"SECRET"}]}`), "HTTP 200: the answer does not say success", nil},
		{"secret, name in another case", answer(500, `{"Result":{"value":"SECRET"}}`), "HTTP 500: no error message", nil},
		{"secret as a text", answer(200, `{"success":true,"result":"SECRET"}`), "", errAny},
		{"other protocol", answer(101, "x"), "HTTP 101: the server switches to another protocol", nil},
		{"429 of a gateway", answer(429, "<html>", "Content-Type", "text/html"), "HTTP 429: <html>", api.ErrRateLimited},
		{"429 of another code", answer(429, `{"errors":[{"code":971,"message":"slow down"}]}`), "HTTP 429: 971 slow down", api.ErrRateLimited},
		{"404 as text", answer(404, "not found", "Content-Type", "text/plain; charset=utf-8"), "HTTP 404: not found", api.ErrImageNotFound},

		{"404", answer(404, noImage), "HTTP 404: 5404 Image not found", api.ErrImageNotFound},
		{"string code", answer(403, `{"success":false,"errors":[{"code":"103","message":"forbidden endpoint"}]}`), "HTTP 403: 103 forbidden endpoint", nil},
		{"several", answer(400, `{"errors":[{"code":1,"message":"a"},{"code":5404,"message":"b"}]}`), "HTTP 400: 1 a; 5404 b", api.ErrImageNotFound},
		{"outage without messages", answer(415, `{"result":null,"success":false,"errors":[{"message":"Internal Server Error","code":5550}]}`), "HTTP 415: 5550 Internal Server Error", nil},
		{"errors null", answer(400, `{"errors":null}`), `HTTP 400: {"errors":null}`, nil},
		{"errors object", answer(400, `{"errors":{"code":1}}`), `HTTP 400: {"errors":{"code":1}}`, nil},
		{"errors text", answer(400, `{"errors":["bad"]}`), `HTTP 400: 0 bad`, nil},
		{"text", answer(415, "ERROR 5455: Unsupported image format\n"), "HTTP 415: 5455 Unsupported image format", api.ErrUnsupportedImage},
		{"text without code", answer(500, "error code: 1101"), "HTTP 500: error code: 1101", nil},
		{"text, endless code", answer(500, "ERROR 99999999999: x"), "HTTP 500: ERROR 99999999999: x", nil},
		{"HTML 502", answer(502, "<html>Bad Gateway</html>", "Content-Type", "text/html"), "HTTP 502: <html>Bad Gateway</html>", nil},
		{"empty 503", answer(503, ""), "HTTP 503: no error message", nil},
		{"success, status 500", answer(500, oneImage), "HTTP 500: no error message", nil},
		{"301", answer(301, "moved", "Location", "https://evil.example/"), "HTTP 301: the server redirects to https://evil.example: moved", nil},
		{"304", answer(304, ""), "HTTP 304: no error message", nil},
		{"lost", lost, "unexpected EOF", io.ErrUnexpectedEOF},
		{"half a body", half, "HTTP 200: reading the answer: unexpected EOF", io.ErrUnexpectedEOF},
		{"half an error", halfError, "HTTP 500: reading the answer: unexpected EOF: {\"errors\"", nil},
		{"invalid UTF-8", answer(500, "a\xffb"), "HTTP 500: a\uFFFDb", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := get(t.Context(), t, dial(t, &script{steps: []step{tt.step}}))
			switch {
			case e == nil && tt.want == "" && tt.is == nil:
			case e == nil:
				t.Error("no error")
			case tt.is == errAny:
			case e.Error() != "GetImage: "+tt.want || tt.is != nil && !errors.Is(e, tt.is):
				t.Errorf("got %v\nwant %s, %v", e, tt.want, tt.is)
			}
		})
	}
}

// errAny marks an error whose text is not ours.
var errAny = errors.New("any")

func half(*http.Request) (*http.Response, error) {
	return cut(200, `{"result"`)
}

func halfError(*http.Request) (*http.Response, error) { return cut(500, `{"errors"`) }

func cut(status int, text string) (*http.Response, error) {
	body := io.MultiReader(strings.NewReader(text), failing{io.ErrUnexpectedEOF})
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(body), ContentLength: -1}, nil
}

func TestResultsThatCarryNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"success":true}`, `{"result":null,"success":true}`, `{"result":{},"success":true}`, `{"result":"","success":true}`,
		`{"result":[1],"success":true,"errors":null}`,
	} {
		if err := dial(t, &script{steps: []step{answer(200, text)}}).DeleteImage(t.Context(), "a"); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{``, `{}`, `{"result":{}}`, `{"success":false}`, noImage, `OK`} {
		if err := dial(t, &script{steps: []step{answer(200, text)}}).DeleteImage(t.Context(), "a"); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

// TestResultGivenTwice holds what reading without reflection has begun against what
// encoding/json reads: the later result, alone.
// TestAPageIsNoMissingImage: a program that deletes what it knows of an image must
// not do so because an address is wrong.
func TestAPageIsNoMissingImage(t *testing.T) {
	t.Parallel()
	for _, typ := range []string{"text/html", "application/json", ""} {
		e := get(t.Context(), t, dial(t, &script{steps: []step{answer(404, "{}", "Content-Type", typ)}}))
		if e == nil || e.Status != 404 || errors.Is(e, api.ErrImageNotFound) {
			t.Errorf("%q: %v", typ, e)
		}
	}
}

// TestLongMessages bounds what an error carries into logs.
func TestLongMessages(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 900<<10)
	many := `{"errors":[` + strings.Repeat(`{"code":1,"message":"m"},`, 20_000) + `{"code":1}]}`
	for _, text := range []string{`{"errors":[{"code":1,"message":"` + long + `"}]}`, "ERROR 5455: " + long, many} {
		e := get(t.Context(), t, dial(t, &script{steps: []step{answer(400, text)}}))
		if n := len(e.Error()); n < 100 || n > 4<<10 {
			t.Errorf("%.40s: %d bytes", text, n)
		}
	}
}

func TestEmptyAnswerWithoutALengthLeavesTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), strings.Repeat("n", 240)+".png")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"image/png"}}, Body: http.NoBody, ContentLength: -1}, nil
	}
	stream, err := dial(t, &script{steps: []step{empty}}).GetImageBlob(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.SaveFile(path); err == nil {
		t.Error("no error")
	}
	if b, _ := os.ReadFile(path); string(b) != "old" {
		t.Errorf("the file has %q", b)
	}
	stream, err = dial(t, &script{steps: []step{answer(200, "PNG", "Content-Type", "image/png")}}).GetImageBlob(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.SaveFile(path); err != nil {
		t.Errorf("a long name: %v", err)
	}
}

func TestResultGivenTwice(t *testing.T) {
	t.Parallel()
	const text = `{"result":{"id":"a","draft":true,"creator":"c"},"result":{"id":"b"},"success":true}`
	img, err := dial(t, &script{steps: []step{answer(200, text)}}).GetImage(t.Context(), "a")
	if err != nil || img.ID != "b" || img.Draft || img.Creator != nil {
		t.Errorf("%+v, %v", img, err)
	}
}

// TestNothingIsLeftOfAnEarlierAttempt decodes a half of an answer that comes too
// late, and the next one.
func TestNothingIsLeftOfAnEarlierAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late := func(r *http.Request) (*http.Response, error) {
			resp, err := answer(200, `{"result":{"id":"a","draft":true,"creator":"c","variants":5},"success":true}`)(r)
			resp.Body = slowly{resp.Body}
			return resp, err
		}
		s := &script{steps: []step{late, answer(200, `{"result":{"id":"b"},"success":true}`)}}
		c := dial(t, s, client.WithAttemptTimeout(time.Second), client.WithRetries(1), client.WithMaxWait(0))
		img, err := c.GetImage(t.Context(), "a")
		if err != nil || len(s.requests()) != 2 || img.ID != "b" || img.Draft || img.Creator != nil {
			t.Errorf("%+v, %v", img, err)
		}
	})
}

// slowly is a body that takes longer to read than an attempt may.
type slowly struct{ io.ReadCloser }

func (b slowly) Read(p []byte) (int, error) {
	time.Sleep(2 * time.Second)
	return b.ReadCloser.Read(p)
}

// TestEnvelopeInAnotherCase is read as encoding/json reads it, and what is no success
// shows nothing of it.
func TestEnvelopeInAnotherCase(t *testing.T) {
	t.Parallel()
	const result = `"Result":{"keys":[{"name":"default","value":"SECRET"}]}`
	keys, err := dial(t, &script{steps: []step{answer(200, `{`+result+`,"Success":true}`)}}).ListSigningKeys(t.Context())
	if err != nil || len(keys) != 1 || keys[0].Value != "SECRET" {
		t.Errorf("%v, %v", keys, err)
	}
	for _, text := range []string{`{` + result + `,"Success":false}`, `{` + result + `,"Success":"true"}`} {
		for _, status := range []int{200, 500} {
			_, err := dial(t, &script{steps: []step{answer(status, text)}}).ListSigningKeys(t.Context())
			if err == nil || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%d: %v", status, err)
			}
		}
	}
	_, err = dial(t, &script{steps: []step{answer(200, `{"success":"true"}`)}}).ListSigningKeys(t.Context())
	if err == nil || !strings.Contains(err.Error(), "success: json: cannot unmarshal string") {
		t.Error(err)
	}
}

func TestResultOfAnotherType(t *testing.T) {
	t.Parallel()
	const text = `{"result":{"id":"a","variants":5},"success":true}`
	img, err := dial(t, &script{steps: []step{answer(200, text)}}).GetImage(t.Context(), "a")
	want := "GetImage: HTTP 200: the answer is not what the API documents: json: cannot unmarshal number into Go struct field Image.variants of type []string"
	if img != nil || err == nil || err.Error() != want {
		t.Errorf("%+v, %v", img, err)
	}
}

func TestStreamAnswers(t *testing.T) {
	t.Parallel()
	const begins = "HTTP 200: the answer does not tell its type, and begins like a failure"
	tests := []struct {
		name, contentType, text string
		status                  int
		want                    string
		is                      error
	}{
		{"image", "image/webp", "RIFF", 200, "", nil},
		{"image of text", "image/svg+xml; charset=utf-8", "<svg/>", 200, "", nil},
		{"bytes", "application/octet-stream", "GIF", 200, "", nil},
		{"no type", "", "GIF", 200, "", nil},
		{"failure without a type", "", noImage, 200, "HTTP 200: 5404 Image not found", api.ErrImageNotFound},
		{"text without a type", "", "ERROR 9422: broken", 200, "HTTP 200: 9422 broken", api.ErrDecodeFailed},
		{"nothing without a type", "", "", 200, "HTTP 200: the answer is empty", nil},
		{"failure, status 200", "application/json", noImage, 200, "HTTP 200: 5404 Image not found", api.ErrImageNotFound},
		{"envelope", "application/json; charset=utf-8", `{"success":true}`, 200,
			`HTTP 200: the answer is application/json; charset=utf-8`, nil},
		{"page", "text/html", "<html>", 200, "HTTP 200: the answer is text/html: <html>", nil},
		{"page of a type that is none", "text/html; charset=a; charset=b", "<html>", 200, begins + ": <html>", nil},
		{"page without a type", "", "\n<html>", 200, begins + ": \n<html>", nil},
		{"envelope as bytes", "application/octet-stream", " {\"success\":false}", 200, begins, nil},
		{"problem", "application/problem+json", "{}", 200, "HTTP 200: the answer is application/problem+json", nil},
		{"XML", "application/xml", "<a/>", 200, "HTTP 200: the answer is application/xml: <a/>", nil},
		{"vector image without a type", "", "<?xml version='1.0'?>\n<svg/>", 200, "", nil},
		{"nothing", "image/png", "", 200, "HTTP 200: the answer is empty", nil},
		{"no content", "", "", 204, "HTTP 204: an answer of status 204 has not what was asked for", nil},
		{"a part", "image/png", "PNG", 206, "HTTP 206: an answer of status 206 has not what was asked for: PNG", nil},
		{"text", "text/plain", "ERROR 9422: broken", 200, "HTTP 200: 9422 broken", api.ErrDecodeFailed},
		{"404", "application/json", noImage, 404, "HTTP 404: 5404 Image not found", api.ErrImageNotFound},
		{"404 as image", "image/png", "PNG", 404, "HTTP 404: PNG", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &script{steps: []step{answer(tt.status, tt.text, "Content-Type", tt.contentType)}}
			stream, err := dial(t, s).GetImageBlob(t.Context(), "a")
			if err == nil {
				b, _ := io.ReadAll(stream)
				_ = stream.Close()
				if string(b) != tt.text || tt.want != "" {
					t.Errorf("got %q, want %s", b, tt.want)
				}
				return
			}
			if e := asError(t, err, "GetImageBlob"); e.Error() != "GetImageBlob: "+tt.want || tt.is != nil && !errors.Is(e, tt.is) {
				t.Errorf("got %v, want %s", e, tt.want)
			}
		})
	}
}

func TestStreamTellsWhatItIs(t *testing.T) {
	t.Parallel()
	s := &script{steps: []step{answer(200, "GIF", "Content-Type", "image/gif", "ETag", `"a1"`)}}
	stream, err := dial(t, s).GetImageBlob(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if stream.ContentType != "image/gif" || stream.Size != 3 || stream.ETag != `"a1"` {
		t.Errorf("got %+v", stream)
	}
	if err := stream.Close(); err != nil {
		t.Error(err)
	}
}

func TestErrorKeepsWhatSupportAsksFor(t *testing.T) {
	t.Parallel()
	body := `{"errors":[{"code":5400,"message":"m","documentation_url":"https://d","source":{"pointer":"/options/fit"}}]}`
	e := get(t.Context(), t, dial(t, &script{steps: []step{answer(429, body, "CF-RAY", "8f-FRA", "Retry-After", "7")}}))
	m := e.Messages[0]
	if e.RayID != "8f-FRA" || e.RetryAfter.Seconds() != 7 || e.Text != "" || m.DocumentationURL != "https://d" || m.Source.Pointer != "/options/fit" {
		t.Errorf("got %+v", *e)
	}
}

func TestTextOfAnErrorIsBounded(t *testing.T) {
	t.Parallel()
	for _, page := range []string{strings.Repeat("é", 1<<20), "x" + strings.Repeat("é", 1<<20), strings.Repeat("a\xff", 1<<20)} {
		e := get(t.Context(), t, dial(t, &script{steps: []step{answer(502, page)}}))
		if n := len(e.Text); n < 2000 || n > 3*2048 || !utf8.ValidString(e.Text) {
			t.Errorf("%d bytes", n)
		}
		if strings.HasPrefix(page, "é") && strings.Contains(e.Text, "\uFFFD") {
			t.Error("a character is cut")
		}
	}
}

func TestAnswerWithoutEnd(t *testing.T) {
	t.Parallel()
	endless := func(status int) step {
		return func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(spaces{}), ContentLength: -1}, nil
		}
	}
	for _, status := range []int{200, 500} {
		if e := get(t.Context(), t, dial(t, &script{steps: []step{endless(status)}})); e == nil || e.Status != status {
			t.Errorf("got %v", e)
		}
	}
}

type spaces struct{}

var blank = strings.Repeat(" ", 32<<10)

func (spaces) Read(p []byte) (int, error) { return copy(p, blank), nil }

func TestSecretsAreNeverShown(t *testing.T) {
	t.Parallel()
	const email, key = "me@example.com", "k3y-0f-m1ne"
	secrets := []string{token, email, key}
	all := strings.Join(secrets, " ")
	echo := func(req *http.Request) (*http.Response, error) { return nil, fmt.Errorf("cannot send %v", req.Header) }
	steps := map[string]step{
		"text":      answer(400, "bad: "+all),
		"HTML":      answer(502, "<p>"+all+"</p>"),
		"at a cut":  answer(502, strings.Repeat("x", 2048-len(token)/2)+token+all),
		"message":   answer(400, `{"errors":[{"code":1,"message":"`+all+`","documentation_url":"https://`+token+`","source":{"pointer":"/`+key+`"}}]}`),
		"ray":       answer(500, "x", "Cf-Ray", token),
		"unusable":  answer(200, all),
		"redirect":  answer(302, all),
		"transport": echo,
	}
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, &script{steps: []stepOf{step}}, client.WithKey(email, key))
			_, err := c.GetImage(t.Context(), "a")
			e := asError(t, err, "GetImage")
			var all strings.Builder
			for _, v := range []any{err, *e, e.Messages, e.Text, e.RayID, e.Err, c, *c, struct{ C *client.Client }{c}} {
				fmt.Fprintf(&all, "%v %+v %#v %s %q\n", v, v, v, v, v)
			}
			for _, m := range e.Messages {
				fmt.Fprintf(&all, "%+v %+v", m, m.Source)
			}
			for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
				fmt.Fprintf(&all, "%v %+v %#v\n", cause, cause, cause)
			}
			for _, secret := range append(secrets, token[:len(token)/2]) {
				if strings.Contains(all.String(), secret) {
					t.Errorf("%s is shown: %.1000s", secret, all.String()[strings.Index(all.String(), secret):])
				}
			}
			if want := "client of https://api.example/v4"; fmt.Sprint(c) != want {
				t.Errorf("%v, want %s", c, want)
			}
		})
	}
}

// TestSecretsOfAResultAreNeverShown: a key whose answer cannot be read must not be
// read in a log.
func TestSecretsOfAResultAreNeverShown(t *testing.T) {
	t.Parallel()
	const whole = `{"success":true,"errors":[{"message":"no \"result\": x"}], "result" : {"keys":[{"name":"default","value":"s3cr3t-key"}]}}`
	for name, step := range map[string]step{
		"cut short":    answer(200, whole[:len(whole)-3]),
		"with a tail":  answer(200, whole+"x"),
		"after a mark": answer(200, ")]}'\n"+whole),
		"a list":       answer(200, `{"result":["s3cr3t-key"]}`),
		"a failure":    answer(500, whole[:len(whole)-1]),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := dial(t, &script{steps: []stepOf{step}}).ListSigningKeys(t.Context())
			if e := asError(t, err, "ListSigningKeys"); strings.Contains(fmt.Sprintf("%v %+v", e, *e), "s3cr3t-key") {
				t.Errorf("shown: %+v", *e)
			}
		})
	}
}

type stepOf = step

func TestErrorsOfTheTransportStayThemselves(t *testing.T) {
	t.Parallel()
	cause := fmt.Errorf("with %s: %w", token, io.ErrClosedPipe)
	s := &script{steps: []step{func(*http.Request) (*http.Response, error) { return nil, cause }}}
	if e := get(t.Context(), t, dial(t, s)); !errors.Is(e, io.ErrClosedPipe) || e.Error() != "GetImage: with [redacted]: io: read/write on closed pipe" {
		t.Errorf("got %v", e)
	}
	// The error of a server that is called in process is not the client's to change.
	shared := api.ErrImageNotFound.New()
	s = &script{steps: []step{func(*http.Request) (*http.Response, error) { return nil, shared }}}
	if e := get(t.Context(), t, dial(t, s)); !errors.Is(e, api.ErrImageNotFound) || shared.Operation != "" {
		t.Errorf("got %v, shared %v", e, shared)
	}
}

func TestCanceledBefore(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	c, err := client.New(account, client.WithBaseURL(server.URL), client.WithToken(token))
	if err != nil {
		t.Fatal(err)
	}
	if e := get(ctx, t, c); !errors.Is(e, context.Canceled) || strings.Contains(e.Error(), server.URL) {
		t.Errorf("got %v", e)
	}
	if _, ok := errors.AsType[*contract.Error](error(get(ctx, t, c))); !ok {
		t.Error("not an Error")
	}
}
