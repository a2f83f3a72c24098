package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	account  = "023e105f4ecef8ad9ca31a8372d0c353"
	token    = "a-token-of-forty-characters-or-thereabout"
	baseURL  = "https://api.cloudflare.com/client/v4"
	imageID  = "00000000-84ab-4f3e-19d6-b2a7c0e45f00"
	pageSize = 1000
	pages    = 10
	blobSize = 10 << 20
)

// record is an image as it is answered.
type record struct {
	ID                string         `json:"id"`
	Filename          string         `json:"filename"`
	Creator           string         `json:"creator"`
	Meta              map[string]any `json:"meta"`
	RequireSignedURLs bool           `json:"requireSignedURLs"`
	Uploaded          string         `json:"uploaded"`
	Variants          []string       `json:"variants"`
}

// numbered returns the image with a number.
func numbered(n int) record {
	id := fmt.Sprintf("%08x-84ab-4f3e-19d6-b2a7c0e45f00", n)
	delivery := "https://imagedelivery.net/kT7vQ2mXw9RfLs0ZpB4cNg/" + id
	return record{
		ID: id, Filename: fmt.Sprintf("lighthouse-%d.jpg", n), Creator: fmt.Sprintf("user-%d", n%50),
		Meta:              map[string]any{"album": "coast", "rating": n % 6, "tags": []string{"sea", "storm"}, "camera": map[string]any{"iso": 200}},
		RequireSignedURLs: n%2 == 1,
		Uploaded:          time.Date(2026, 5, 11, 8, 31, 45, 207e6, time.UTC).Add(time.Duration(n) * time.Second).Format(time.RFC3339Nano),
		Variants:          []string{delivery + "/public", delivery + "/thumb"},
	}
}

func envelope(result any) []byte {
	text, err := json.Marshal(map[string]any{"result": result, "success": true, "errors": []int{}, "messages": []int{}})
	if err != nil {
		panic(err) // these are constants
	}
	return text
}

// service is a transport that answers from memory. It serves one request at a
// time.
type service struct {
	image []byte
	pages [][]byte
	blob  []byte
	buf   []byte // what bodies of requests are read with
	// sent is how many bytes the last request's body had, and declared is its
	// Content-Length.
	sent, declared int64
	// kept holds them, and their type, when keep is set.
	keep     bool
	kept     bytes.Buffer
	keptType string
}

func newService() *service {
	s := &service{image: envelope(numbered(0)), blob: bytes.Repeat([]byte("\x89PNG\r\n\x1a\n"), blobSize/8), buf: make([]byte, 32<<10)}
	for p := range pages {
		result := map[string]any{"images": records(p), "continuation_token": nil}
		if p+1 < pages {
			result["continuation_token"] = strconv.Itoa(p + 1)
		}
		s.pages = append(s.pages, envelope(result))
	}
	return s
}

func records(page int) []record {
	var list []record
	for i := range pageSize {
		list = append(list, numbered(page*pageSize+i))
	}
	return list
}

// RoundTrip implements [http.RoundTripper].
func (s *service) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := s.receive(req); err != nil {
		return nil, err
	}
	switch path := req.URL.Path; {
	case strings.HasSuffix(path, "/blob"):
		return answer(req, "image/png", s.blob), nil
	case strings.HasSuffix(path, "/images/v2"), req.Method == http.MethodGet && strings.HasSuffix(path, "/images/v1"):
		return answer(req, "application/json", s.page(req)), nil
	default:
		return answer(req, "application/json", s.image), nil
	}
}

// page finds the page that a request asks for, by a token or by a number.
func (s *service) page(req *http.Request) []byte {
	query := req.URL.Query()
	n, _ := strconv.Atoi(query.Get("continuation_token"))
	if number, err := strconv.Atoi(query.Get("page")); err == nil {
		n = number - 1
	}
	if n >= len(s.pages) {
		return envelope(map[string]any{"images": []int{}})
	}
	return s.pages[n]
}

// receive reads a request's body with the memory that the service has.
func (s *service) receive(req *http.Request) error {
	s.sent, s.declared, s.keptType = 0, req.ContentLength, req.Header.Get("Content-Type")
	s.kept.Reset()
	if req.Body == nil {
		return nil
	}
	for {
		n, err := req.Body.Read(s.buf)
		s.sent += int64(n)
		if s.keep {
			s.kept.Write(s.buf[:n])
		}
		if err == io.EOF {
			return req.Body.Close()
		}
		if err != nil {
			return err
		}
	}
}

func answer(req *http.Request, contentType string, body []byte) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {contentType}, "Cf-Ray": {"8f1d2c3b4a5e6f70-FRA"}},
		Body:          stream{bytes.NewReader(body)},
		ContentLength: int64(len(body)), Request: req,
	}
}

// stream hides that a body is in memory, as a connection would.
type stream struct{ r *bytes.Reader }

func (s stream) Read(p []byte) (int, error) { return s.r.Read(p) }
func (s stream) Close() error               { return nil }
