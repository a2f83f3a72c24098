package standalone

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/internal/admin"
)

// TestNotes makes calls that the service might answer otherwise, each with the
// notes in its header, and the same twice: the log has each note once.
func TestNotes(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	s, err := New(Config{Accounts: Accounts{{"a", "t"}}, Log: slog.New(slog.NewTextHandler(&text, nil))})
	if err != nil {
		t.Fatal(err)
	}
	draft, err := s.Mock.World().Account("a").CreateDirectUpload(t.Context(), api.DirectUpload{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		method, path, body string
		want               []string
	}{
		{"GET", "/v1/nobody", "", nil},
		{"GET", "/v1/stats", "", []string{notePlan}},
		{"GET", "/v1/keys", "", []string{notePlan}},
		{"POST", "/v1", "", []string{notePlan}},
		{"DELETE", "/v1/keys/default", "", []string{noteLastKey}},
		{"PUT", "/v1/keys/second", "", []string{notePlan}},
		{"PUT", "/v1/keys/third", "", []string{notePlan, noteThirdKey}},
		{"PUT", "/v1/keys/second", "", []string{notePlan}},
		{"DELETE", "/v1/keys/third", "", nil},
		{"DELETE", "/v1/keys/nobody", "", nil},
		{"GET", "/v1", "", []string{noteDeprecated}},
		{"GET", "/v2", "", nil},
		{"GET", "/v2?per_page=9", "", []string{noteSmallPage}},
		{"GET", "/v2?per_page=10", "", nil},
		{"GET", "/v2?per_page=1000", "", nil},
		{"GET", "/v1?per_page=1001", "", []string{noteLargePage, noteDeprecated}},
		{"GET", "/v2?per_page=many", "", nil},
		{"GET", "/v2?per_page=0", "", nil},
		{"GET", "/v2?per_page=10001", "", nil},
		{"DELETE", "/v1/variants/public", "", []string{notePublic}},
		{"DELETE", "/v1/variants/other", "", nil},
		{"PATCH", "/v1/" + draft.ID, `{"creator":"me"}`, []string{noteDraft}},
		{"PATCH", "/v1/nobody", `{"creator":"me"}`, nil},
	} {
		r := httptest.NewRequestWithContext(t.Context(), tt.method, BasePath()+"/accounts/a/images"+tt.path, strings.NewReader(tt.body))
		r.Header.Set("Authorization", "Bearer t")
		if tt.body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if got := w.Header()[http.CanonicalHeaderKey(admin.NoteHeader)]; !slices.Equal(got, tt.want) {
			t.Errorf("%s %s: %d %q, want %q", tt.method, tt.path, w.Code, got, tt.want)
		}
		if list := s.Journal.After(0); !slices.Equal(list[len(list)-1].Notes, tt.want) {
			t.Errorf("%s %s: the journal has %q", tt.method, tt.path, list[len(list)-1].Notes)
		}
	}
	for _, note := range []string{notePlan, noteThirdKey, noteLastKey, noteDeprecated, noteSmallPage, noteLargePage, notePublic, noteDraft} {
		if n := strings.Count(text.String(), note); n != 1 {
			t.Errorf("the log has %q %d times", note, n)
		}
	}
}
