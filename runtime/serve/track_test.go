package serve_test

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
)

// slow is a body that its server's time limit ends.
type slow struct {
	text  io.Reader
	after int // reads after the end
	ended bool
}

func (s *slow) Read(p []byte) (int, error) {
	if n, err := s.text.Read(p); err == nil {
		return n, nil
	}
	if s.ended {
		s.after++
	}
	s.ended = true
	return 0, os.ErrDeadlineExceeded
}

// TestSlowBodyIsNotReadOn checks that a body which is cut off is left alone: to read
// on would give its client more time.
func TestSlowBodyIsNotReadOn(t *testing.T) {
	t.Parallel()
	h := serving(uploads())
	for _, tt := range []struct{ kind, path, body string }{
		{form, "/v1", strings.TrimSuffix(parts(file, "PNG"), "--B--\r\n")},
		{jsonType, "/v1/variants", `{"id":"hero"`},
	} {
		body := &slow{text: strings.NewReader(tt.body)}
		w := do(t, h, request{method: "POST", path: accounts + tt.path, header: map[string]string{"Content-Type": tt.kind}, body: body, length: 1 << 20})
		wantError(t, w, api.ErrBadRequest, "")
		if !body.ended || body.after > 0 {
			t.Errorf("%s: the body is read %d times after its end", tt.kind, body.after)
		}
	}
}
