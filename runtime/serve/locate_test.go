package serve_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/serve"
)

func TestLocator(t *testing.T) {
	t.Parallel()
	l := serve.NewLocator(api.Contract, "/client/v4/")
	for _, tc := range []struct {
		method, path string
		op           *contract.Operation
		binds, rest  []string
	}{
		{"GET", "/client/v4/accounts/a/images/v1/x%2Fy", api.OpGetImage, []string{"a"}, []string{"x/y"}},
		{"GET", "/client/v4/accounts/a/images/v1/x/blob", api.OpGetImageBlob, []string{"a"}, []string{"x"}},
		{"GET", "/client/v4/accounts/a/images/v1/variants/x", api.OpGetVariant, []string{"a"}, []string{"x"}},
		{"GET", "/client/v4/accounts/a/images/v2?per_page=10", api.OpListImages, []string{"a"}, []string{}},
		{"POST", "/client/v4/accounts/a/images/v1/x", nil, nil, nil},
		{"GET", "/client/v4/elsewhere", nil, nil, nil},
		{"GET", "/accounts/a/images/v1/x", nil, nil, nil},
	} {
		r := httptest.NewRequest(tc.method, tc.path, http.NoBody)
		op, binds, rest := l.Find(r)
		if op != tc.op || !slices.Equal(binds, tc.binds) || !slices.Equal(rest, tc.rest) {
			t.Errorf("%s %s is %v of %q with %q, want %v of %q with %q", tc.method, tc.path, op, binds, rest, tc.op, tc.binds, tc.rest)
		}
		if want := tc.path != "/accounts/a/images/v1/x"; l.Covers(r) != want {
			t.Errorf("%s: covered %t, want %t", tc.path, !want, want)
		}
	}
}
