package conformance_test

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/conformance/mutants"
)

type switches = map[conformance.Feature]conformance.Switch

// twin is the target of a twin that is told nothing of its difference.
func twin(t *testing.T, id string) conformance.Target {
	t.Helper()
	for _, twin := range mutants.Twins() {
		if twin.ID == id {
			target := good()
			target.Handler = twin.Wrap(target.Handler, conformance.Login{AccountID: accountA, Token: tokenA}, conformance.Login{AccountID: accountB, Token: tokenB})
			return target
		}
	}
	t.Fatalf("there is no twin %s", id)
	return conformance.Target{}
}

func featureOf(t *testing.T, r *conformance.Result, name conformance.Feature) conformance.FeatureState {
	t.Helper()
	i := slices.IndexFunc(r.Features, func(f conformance.FeatureState) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("the result has no feature %s", name)
	}
	return r.Features[i]
}

// TestProbes checks that servers without a feature are found out, and that the
// run goes by it.
func TestProbes(t *testing.T) {
	t.Parallel()
	for id, name := range map[string]conformance.Feature{
		"T28": conformance.FeatureV1List, "T29": conformance.FeatureRanges, "T18": conformance.FeatureKeys,
	} {
		result := conformance.Run(t, twin(t, id))
		got := featureOf(t, result, name)
		want := conformance.FeatureState{Name: name, Declared: conformance.Probe, Probed: conformance.Off, Value: conformance.Off}
		if got != want || got.Contradicts() {
			t.Errorf("%s: %+v, want %+v", id, got, want)
		}
	}
	result := conformance.Run(t, good(), conformance.WithClauses("V1L-001", "V2L-060", "STA-001"))
	for _, f := range result.Features {
		wantProbed := conformance.Switch("")
		if slices.Contains([]conformance.Feature{conformance.FeatureV1List, conformance.FeatureRanges, conformance.FeatureKeys}, f.Name) {
			wantProbed = conformance.On
		}
		if f.Probed != wantProbed || (f.Value == conformance.Off) != (f.Name == conformance.FeatureFetch) {
			t.Errorf("%+v", f)
		}
	}
	if len(result.Features) != len(conformance.Features()) {
		t.Errorf("%d features are told", len(result.Features))
	}
}

// TestDeclared checks that what is said about a feature counts more than what
// is found, and that the difference is told.
func TestDeclared(t *testing.T) {
	t.Parallel()
	target := twin(t, "T28")
	target.Features = switches{conformance.FeatureV1List: conformance.On}
	var out bytes.Buffer
	result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("V1L-*"), conformance.WithOutput(&out))
	if err != nil {
		t.Fatal(err)
	}
	if o, _ := result.Outcome("V1L-001"); o.State != conformance.Failed || !featureOf(t, result, conformance.FeatureV1List).Contradicts() {
		t.Errorf("V1L-001 is %s", o.State)
	}
	if want := "feature v1list: declared on, and the target answers as if it were off"; !strings.Contains(out.String(), want) {
		t.Errorf("the output lacks %q:\n%s", want, out.String())
	}
	if len(target.Features) != 1 {
		t.Errorf("the caller's features are now %v", target.Features)
	}
	target = good()
	target.Features = switches{conformance.FeatureKeys: conformance.Off}
	result = conformance.Run(t, target, conformance.WithClauses("STA-001", "KYL-*", "V1L-001"))
	if o, _ := result.Outcome("KYL-001"); o.Message != "needs the feature keys" || !featureOf(t, result, conformance.FeatureKeys).Contradicts() {
		t.Errorf("KYL-001 is %s: %s", o.State, o.Message)
	}
}

// TestBrokenServerLacksNothing checks that only the documented way to lack a
// feature excuses a server from it.
func TestBrokenServerLacksNothing(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	failure := func(code string) string {
		return `{"result":null,"success":false,"errors":[{"code":` + code + `,"message":"no"}],"messages":[]}`
	}
	only := func(path string, h http.HandlerFunc) http.Handler {
		inner := good().Handler
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, path) && (path != "/v2" || strings.Contains(r.URL.RawQuery, "meta")) {
				h(w, r)
				return
			}
			inner.ServeHTTP(w, r)
		})
	}
	for name, handler := range map[string]http.Handler{
		"everything is not found": answer(404, failure("7003")),
		"everything is forbidden": answer(403, failure("5403")),
		"the list breaks":         only("/v1", answer(500, failure("5500"))),
		"the list is bad":         only("/v1", answer(400, failure("5400"))),
		"no filter works":         only("/v2", answer(400, failure("5400"))),
		"filters break":           only("/v2", answer(500, failure("5500"))),
		"keys alone":              only("/keys", answer(403, failure("5403"))),
		"another code":            only("/keys", answer(403, failure("9109"))),
	} {
		target := good()
		target.Handler = handler
		result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("ENV-001", "V1L-001", "STA-001", "KYL-001", "V2L-060"))
		if errors.Is(err, conformance.ErrRefused) && result == nil {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range result.Features {
			if f.Probed == conformance.Off {
				t.Errorf("%s: %s is taken to be lacking", name, f.Name)
			}
		}
		if result.Conforms() {
			t.Errorf("%s: it conforms", name)
		}
	}
}
