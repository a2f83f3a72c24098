package conformance

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
)

// inProcess serves requests by a handler, without a socket.
type inProcess struct{ handler http.Handler }

// RoundTrip gives the handler the request as net/http's server would.
func (p inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	target, err := url.ParseRequestURI(req.URL.RequestURI())
	if err != nil {
		return nil, err
	}
	in := req.Clone(req.Context())
	in.URL, in.RequestURI = target, req.URL.RequestURI()
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	in.RemoteAddr = "192.0.2.1:1234"
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	return p.serve(in, req)
}

func (p inProcess) serve(in, req *http.Request) (*http.Response, error) {
	done := make(chan *http.Response, 1)
	failed := make(chan error, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				failed <- fmt.Errorf("the handler panicked: %v", v)
			}
		}()
		rec := httptest.NewRecorder()
		p.handler.ServeHTTP(rec, in)
		done <- rec.Result()
	}()
	select {
	case resp := <-done:
		resp.Request = req
		return resp, nil
	case err := <-failed:
		return nil, err
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// httpClient returns the client that reaches the target.
func (t *Target) httpClient() *http.Client {
	client := http.Client{}
	if t.HTTPClient != nil {
		client = *t.HTTPClient
	}
	if t.Handler != nil {
		client.Transport = inProcess{t.Handler}
	}
	if client.Transport == nil {
		client.Transport = http.DefaultTransport
	}
	if client.CheckRedirect == nil {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return &client
}
