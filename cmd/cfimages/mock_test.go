package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/internal/httpd"
)

// TestMockHasLimits sends heads that are too large for the handler, which answers
// with an envelope, and for the server, which cannot.
func TestMockHasLimits(t *testing.T) {
	t.Parallel()
	url := startMock(t)
	for size, want := range map[int]string{httpd.HeaderBytes / 2: "application/json", httpd.HeaderBytes + 8<<10: "text/plain; charset=utf-8"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/accounts/a/images/v2", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer t")
		req.Header.Set("X-Long", strings.Repeat("x", size))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge || got != want {
			t.Errorf("a head of %d bytes is answered %s as %s", size, resp.Status, got)
		}
		_ = resp.Body.Close()
	}
}
