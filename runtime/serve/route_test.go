package serve_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/serve"
)

// echoing answers every call with what it was called with.
func echoing() *stub {
	return &stub{
		get:     func(id string) (*api.Image, error) { return &api.Image{ID: "get " + id}, nil },
		blob:    func(id string) (*api.Stream, error) { return nil, api.ErrImageNotFound.With("blob %s", id) },
		variant: func(id string) (*api.Variant, error) { return nil, api.ErrVariantNotFound.With("variant %s", id) },
		keys:    func() ([]api.SigningKey, error) { return []api.SigningKey{{Name: "keys"}}, nil },
		all:     func() (map[string]api.Variant, error) { return map[string]api.Variant{"variants": {}}, nil },
		remove:  func(id string) error { return api.ErrImageNotFound.With("remove %s", id) },
		list: func(in api.ListImagesParams) (*api.ImagePage, error) {
			return &api.ImagePage{ContinuationToken: new(fmt.Sprintf("list %+v %v", in, in.Filter))}, nil
		},
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	h := serving(echoing())
	tests := []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/v1/a", 200, `"get a"`},
		{"GET", "/v1/a/blob", 404, `"blob a"`},
		{"GET", "/v1/variants/hero", 404, `"variant hero"`},
		{"GET", "/v1/variants/blob", 404, `"variant blob"`},
		{"GET", "/v1/variants", 200, `"variants":{"variants"`},
		{"GET", "/v1/keys", 200, `"name":"keys"`},
		{"GET", "/v1/%6Beys", 200, `"name":"keys"`},
		{"GET", "/%76%31/a", 200, `"get a"`},
		{"GET", "/v1/a%2Fb", 200, `"get a/b"`},
		{"GET", "/v1/a%2Fb/blob", 404, `"blob a/b"`},
		{"GET", "/v1/a%2Fblob", 200, `"get a/blob"`},
		{"GET", "/v1/..%2Fkeys", 200, `"get ../keys"`},
		{"GET", "/v1/keys%2F", 200, `"get keys/"`},
		{"GET", "/v1/%2F", 200, `"get /"`},
		{"GET", "/v1/%252F", 200, `"get %2F"`},
		{"GET", "/v1/%25", 200, `"get %"`},
		{"GET", "/v1/a+b%20c", 200, `"get a+b c"`},
		{"GET", "/v1/.", 200, `"get ."`},
		{"GET", "/v1/..", 200, `"get .."`},
		{"GET", "/v1/a%3Fb%23c", 200, `"get a?b#c"`},
		{"GET", "/v1/%F0%9F%98%80", 200, `"get 😀"`},
		{"GET", "/v1/a;b=c:d@e", 200, `"get a;b=c:d@e"`},
		{"GET", "/v1/%ff", 400, "must be UTF-8"},
		{"GET", "/v1/" + strings.Repeat("%C3%A9", 1024), 200, "get éé"},
		{"GET", "/v1/" + strings.Repeat("%C3%A9", 1025), 400, "must have at most 1024 characters, not 1025"},
		{"GET", "/v1/variants/a-b", 400, "must match"},

		{"GET", "/v1/", 404, "No route"},
		{"GET", "/v1//", 404, "No route"},
		{"GET", "/v1//blob", 404, "No route"},
		{"GET", "/v1/a/", 404, "No route"},
		{"GET", "/v1/a/blob/", 404, "No route"},
		{"GET", "/v1/a/other", 404, "No route"},
		{"GET", "/v1/a//blob", 404, "No route"},
		{"GET", "/v1/variants/", 404, "No route"},
		{"GET", "/v3", 404, "No route"},
		{"GET", "/../images/v1/a", 404, "No route"},
		{"GET", "/V1/a", 404, "No route"},

		{"POST", "/v1/a", 405, "DELETE, GET, PATCH"},
		{"HEAD", "/v1/a", 405, "DELETE, GET, PATCH"},
		{"OPTIONS", "/v1/a", 405, "DELETE, GET, PATCH"},
		{"get", "/v1/a", 405, "DELETE, GET, PATCH"},
		{"DELETE", "/v1/keys", 405, "GET"},
		{"PATCH", "/v1/stats", 405, "GET"},
		{"GET", "/v1/keys/a", 405, "DELETE, PUT"},
		{"DELETE", "/v2", 405, "GET"},
		{"DELETE", "/v1", 405, "GET, POST"},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path[:min(len(tt.path), 30)], func(t *testing.T) {
			t.Parallel()
			w := do(t, h, request{method: tt.method, path: accounts + tt.path})
			got := w.Body.String()
			if tt.status == http.StatusMethodNotAllowed {
				got = w.Header().Get("Allow")
				wantError(t, w, api.ErrMethodNotAllowed, "")
			}
			if w.Code != tt.status || !strings.Contains(got, tt.want) || tt.status == 405 && got != tt.want {
				t.Errorf("%d %.200s, want %d %s", w.Code, got, tt.status, tt.want)
			}
		})
	}
	for _, path := range []string{"", "/", "*", "//", "/accounts", "/accounts//images/v1/a", "/accounts/acc0", "/%2F", "/%zz", "/accounts/acc0%2Fimages/v1/a", "x"} {
		wantError(t, do(t, h, request{method: "GET", path: path}), api.ErrNoRoute, "")
	}
}

func TestBasePath(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"/client/v4", "/client/v4/"} {
		h := serving(echoing(), server.WithBasePath(base))
		if w := do(t, h, request{method: "GET", path: "/client/v4" + accounts + "/v1/a%2Fb"}); !strings.Contains(w.Body.String(), "get a/b") {
			t.Errorf("%s: %s", base, w.Body)
		}
		for _, path := range []string{accounts + "/v1/a", "/client/v4", "/client/v4x" + accounts + "/v1/a", "/client/v4/client/v4" + accounts + "/v1/a", "/x/client/v4" + accounts + "/v1/a"} {
			wantError(t, do(t, h, request{method: "GET", path: path}), api.ErrNoRoute, "")
		}
	}
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	var who []serve.Credentials
	h := serving(echoing(), server.WithAuth(func(_ context.Context, c server.Credentials, binds []string) error {
		if binds[0] != "acc0" {
			t.Errorf("account %q", binds)
		}
		who = append(who, c)
		return nil
	}))
	tests := []struct {
		name   string
		header map[string]string
		token  string // empty is refused
		key    string
	}{
		{"none", map[string]string{"Authorization": ""}, "", ""},
		{"bearer", map[string]string{"Authorization": "Bearer abc"}, "abc", ""},
		{"lower case", map[string]string{"Authorization": "bearer abc"}, "abc", ""},
		{"spaces", map[string]string{"Authorization": " Bearer   abc "}, "abc", ""},
		{"another scheme", map[string]string{"Authorization": "Basic abc"}, "", ""},
		{"no scheme", map[string]string{"Authorization": "abc"}, "", ""},
		{"no token", map[string]string{"Authorization": "Bearer "}, "", ""},
		{"scheme only", map[string]string{"Authorization": "Bearer"}, "", ""},
		{"glued", map[string]string{"Authorization": "Bearerabc"}, "", ""},
		{"email only", map[string]string{"Authorization": "", "X-Auth-Email": "e"}, "", ""},
		{"key only", map[string]string{"Authorization": "", "X-Auth-Key": "k"}, "", ""},
		{"email and key", map[string]string{"Authorization": "", "X-Auth-Email": "e", "X-Auth-Key": "k"}, "", "k"},
		{"empty key", map[string]string{"Authorization": "", "X-Auth-Email": "e", "X-Auth-Key": " "}, "", ""},
		{"bad token, good key", map[string]string{"Authorization": "Basic x", "X-Auth-Email": "e", "X-Auth-Key": "k"}, "", "k"},
		{"both", map[string]string{"Authorization": "Bearer abc", "X-Auth-Email": "e", "X-Auth-Key": "k"}, "abc", ""},
	}
	for _, tt := range tests {
		who = nil
		w := do(t, h, request{method: "GET", path: accounts + "/v1/a", header: tt.header})
		if tt.token == "" && tt.key == "" {
			wantError(t, w, api.ErrUnauthenticated, "")
			if who != nil {
				t.Errorf("%s: %+v are asked about", tt.name, who)
			}
			continue
		}
		if w.Code != 200 || len(who) != 1 || who[0].Token != tt.token || who[0].Headers["X-Auth-Key"] != tt.key {
			t.Errorf("%s: %d, %+v", tt.name, w.Code, who)
		}
	}
}

func TestAuthComesFirst(t *testing.T) {
	t.Parallel()
	h := serving(&stub{})
	broken := request{method: "PATCH", path: accounts + "/v1/%ff?%zz", header: map[string]string{"Authorization": ""}, body: strings.NewReader("{")}
	wantError(t, do(t, h, broken), api.ErrUnauthenticated, "")
}

func TestAuthErrorsAreAnswered(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want *api.ErrorKind
		text string
	}{
		{api.ErrForbidden, api.ErrForbidden, "Unauthorized to access"},
		{fmt.Errorf("in vain: %w", api.ErrNotEntitled.With("not you")), api.ErrNotEntitled, "not you"},
		{errors.New("secret reason"), api.ErrInternal, "Internal Server Error"},
	}
	for _, tt := range tests {
		auth := func(context.Context, server.Credentials, []string) error { return tt.err }
		wantError(t, do(t, serving(&stub{}, server.WithAuth(auth)), request{method: "GET", path: accounts + "/v1/a"}), tt.want, tt.text)
		resolve := func(context.Context, string) (api.Service, error) { return nil, tt.err }
		w := do(t, server.New(resolve), request{method: "GET", path: accounts + "/v1/a"})
		wantError(t, w, tt.want, tt.text)
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("a reason is shown: %s", w.Body)
		}
	}
}

func TestNilOptionsAreTheDefaults(t *testing.T) {
	t.Parallel()
	h := serving(&stub{get: func(string) (*api.Image, error) { panic("x") }}, server.WithAuth(nil), server.WithLogger(nil))
	wantError(t, do(t, h, request{method: "GET", path: accounts + "/v1/a"}), api.ErrInternal, "")
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	var asked []string
	h := server.New(func(_ context.Context, account string) (api.Service, error) {
		asked = append(asked, account)
		return echoing(), nil
	})
	wantError(t, do(t, h, request{method: "GET", path: "/accounts/" + strings.Repeat("a", 33) + "/images/v1/a"}), api.ErrNoRoute, "")
	wantError(t, do(t, h, request{method: "GET", path: "/accounts/%ff/images/v1/a"}), api.ErrNoRoute, "")
	if len(asked) != 0 {
		t.Fatalf("asked for %q", asked)
	}
	for _, account := range []string{"a", strings.Repeat("é", 32), "a/b"} {
		asked = nil
		path := "/accounts/" + strings.ReplaceAll(account, "/", "%2F") + "/images/v1/a"
		if w := do(t, h, request{method: "GET", path: path}); w.Code != 200 || len(asked) != 1 || asked[0] != account {
			t.Errorf("%q: %d, asked for %q", account, w.Code, asked)
		}
	}
	for name, resolve := range map[string]server.Resolve{
		"nothing": func(context.Context, string) (api.Service, error) { return nil, nil },
		"panics":  func(context.Context, string) (api.Service, error) { panic("x") },
	} {
		w := do(t, server.New(resolve), request{method: "GET", path: accounts + "/v1/a"})
		wantError(t, w, api.ErrInternal, "Internal Server Error")
		if t.Failed() {
			t.Log(name)
		}
	}
}

// Another API may name a parameter in several ways at one place of a path.
func TestParametersOfOnePlace(t *testing.T) {
	t.Parallel()
	param := func(name string) contract.Param {
		return contract.Param{Name: name, Required: true, Schema: &contract.Schema{Type: contract.TypeString, MinLength: 1}}
	}
	cat := &contract.Operation{Name: "GetCat", Method: "GET", Path: "/cats/{cat}", PathParams: []contract.Param{param("cat")}}
	tail := &contract.Operation{Name: "GetTail", Method: "GET", Path: "/cats/{owner}/tail/{tail}", PathParams: []contract.Param{param("owner"), param("tail")}}
	show := func(_ context.Context, _ any, r *serve.Request) (string, error) {
		text := r.Path(0)
		if strings.HasPrefix(text, "two-") {
			text += " " + r.Path(1)
		}
		return text, nil
	}
	pattern := ""
	h := serve.New(other(cat, tail), func(context.Context, []string) (any, error) { return 1, nil },
		[]serve.Route[any]{serve.JSON(cat, show), serve.JSON(tail, show)},
		serve.WithMiddleware(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r)
				pattern = r.Pattern
			})
		}))
	for path, want := range map[string]string{
		"/cats/tom":             `GET /cats/{cat} {"data":"tom","ok":true,"errors":[]}`,
		"/cats/two-tom/tail/it": `GET /cats/{owner}/tail/{tail} {"data":"two-tom it","ok":true,"errors":[]}`,
	} {
		if w := doRaw(h, request{method: "GET", path: path}); pattern+" "+w.Body.String() != want+"\n" {
			t.Errorf("%s: %s %s, want %s", path, pattern, w.Body, want)
		}
	}
	r := request{method: "GET", path: "/dogs"}
	r.header = map[string]string{"Authorization": ""}
	w := doRaw(h, r)
	if w.Body.String() != `{"data":null,"ok":false,"errors":[{"code":7003,"message":"No route for the URI"}]}`+"\n" {
		t.Errorf("another envelope: %s", w.Body)
	}
}
