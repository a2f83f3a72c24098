package conformance_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/mock"
)

// TestKeysAreNotShown checks that the signing keys of an account are in no
// failure, whole or cut off, whichever clause has read them.
func TestKeysAreNotShown(t *testing.T) {
	t.Parallel()
	m := mock.New()
	keys, err := m.Account(accountA).ListSigningKeys(t.Context())
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	inner := m.Handler(guarded())
	for _, lead := range []int{0, 625} {
		target := handled(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			inner.ServeHTTP(rec, r)
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(rec.Code)
			body := rec.Body.String()
			if strings.HasSuffix(r.URL.Path, "/keys") {
				body = strings.Replace(body, `{"result"`, `{"x":"`+strings.Repeat("x", lead)+`","result"`, 1)
			}
			_, _ = w.Write([]byte(strings.Replace(body, `"messages":[]`, `"messages":[1]`, 1)))
		}))
		for _, clause := range []string{"KYL-001", "KYL-002", "ENV-001"} {
			result, err := conformance.Execute(t.Context(), target, conformance.WithClauses(clause))
			if err != nil {
				t.Fatal(err)
			}
			o, _ := result.Outcome(clause)
			if o.State != conformance.Failed || !strings.Contains(o.Message, "/keys'") || strings.Contains(o.Message, keys[0].Value[:8]) {
				t.Errorf("%s, with the key after %d characters, is %s:\n%s", clause, lead, o.State, o.Message)
			}
		}
	}
}
