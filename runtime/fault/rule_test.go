package fault_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/fake"
	"github.com/cfimages/cfimages/runtime/fault"
)

// TestChoice tells which of ten calls a rule affects.
func TestChoice(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		rule fault.Rule
		want string
	}{
		{fault.Rule{}, "xxxxxxxxxx"},
		{fault.Rule{Nth: 3}, "..x......."},
		{fault.Rule{First: 2}, "xx........"},
		{fault.Rule{Every: 4}, "...x...x.."},
		{fault.Rule{After: 7}, ".......xxx"},
		{fault.Rule{After: 3, Times: 2}, "...xx....."},
		{fault.Rule{Account: "mock"}, "xxxxxxxxxx"},
		{fault.Rule{Account: "other"}, ".........."},
		{fault.Rule{Resource: "cat"}, "xxxxxxxxxx"},
		{fault.Rule{Resource: "dog"}, ".........."},
		{fault.Rule{Operation: "GetImage"}, "xxxxxxxxxx"},
		{fault.Rule{Operation: "getImage"}, "xxxxxxxxxx"},
		{fault.Rule{Operation: "GetStats"}, ".........."},
		{fault.Rule{Method: "GET", Path: "*/images/*/cat"}, "xxxxxxxxxx"},
		{fault.Rule{Path: "/client/v4/accounts/mock/images/v1/cat"}, "xxxxxxxxxx"},
		{fault.Rule{Path: "*/v1/ca"}, ".........."},
		{fault.Rule{Path: "*/dog*"}, ".........."},
		{fault.Rule{Method: "POST"}, ".........."},
		{fault.Rule{ID: "half", Probability: 0.5, Seed: 1}, "x..x....x."},
		{fault.Rule{ID: "half", Probability: 0.5, Seed: 2}, "x.x.....xx"},
	} {
		m := mock.New()
		fill(t, m)
		tc.rule.Kind = "internal-error"
		m.Fault(tc.rule)
		if got := ten(t, m); got != tc.want {
			t.Errorf("%+v: %s, want %s", tc.rule, got, tc.want)
		}
	}
}

// ten makes ten calls, and tells those that failed.
func ten(t *testing.T, m *mock.Mock) string {
	t.Helper()
	out := ""
	for range 10 {
		if _, err := m.Client().GetImage(t.Context(), "cat"); err != nil {
			out += "x"
		} else {
			out += "."
		}
	}
	return out
}

func TestWindow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	m := mock.New(fake.WithClock(func() time.Time { return now }))
	fill(t, m)
	m.Fault(fault.Rule{Kind: "internal-error", From: now.Add(time.Minute), Until: now.Add(2 * time.Minute)})
	got := ""
	for range 4 {
		if _, err := m.Client().GetImage(t.Context(), "cat"); err != nil {
			got += "x"
		} else {
			got += "."
		}
		now = now.Add(30 * time.Second)
	}
	now = now.Add(time.Minute)
	if got += ten(t, m); got != "..xx.........." {
		t.Errorf("%s", got)
	}
}

// TestSet is about adding, listing, removing and the order of rules.
func TestSet(t *testing.T) {
	t.Parallel()
	s := fault.NewSet(api.Contract)
	for _, r := range []fault.Rule{{Kind: "html"}, {ID: "fault-2", Kind: "latency"}, {Kind: "redirect"}} {
		if _, err := s.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Add(fault.Rule{ID: "fault-2", Kind: "html"}); err == nil {
		t.Error("an id is taken twice")
	}
	ids := func() (out []string) {
		for _, e := range s.List() {
			out = append(out, e.Rule.ID+" "+e.Rule.Kind)
		}
		return out
	}
	if got, want := ids(), []string{"fault-1 html", "fault-2 latency", "fault-3 redirect"}; !slices.Equal(got, want) {
		t.Errorf("the rules are %q, want %q", got, want)
	}
	if !s.Remove("fault-2") || s.Remove("fault-2") {
		t.Error("a rule is removed twice, or never")
	}
	h := s.Handler(http.NotFoundHandler())
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", http.NoBody))
	if w.Code != 200 || w.Header().Get(fault.Header) != "fault-1" || s.List()[0].Hits != 1 || s.List()[1].Calls != 0 {
		t.Errorf("the first rule did not decide alone: %d %v %+v", w.Code, w.Header(), s.List())
	}
	s.Reset()
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", http.NoBody))
	if w.Code != 404 || len(s.List()) != 0 {
		t.Errorf("after a reset: %d, %+v", w.Code, s.List())
	}
}

func TestWrongRules(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`[]`:                                       "must be a JSON object",
		`{"kind":"html"} 1`:                        "more behind",
		`{"kind":"html"`:                           "must be a JSON object",
		`{}`:                                       "kind must be a kind",
		`{"kind":"nonsense"}`:                      `kind must be a kind of fault, not "nonsense"`,
		`{"kind":"html","kind":"html"}`:            "kind is given twice",
		`{"Kind":"html"}`:                          "Kind is not a field",
		`{"kind":"html","often":1}`:                "often is not a field",
		`{"kind":"html","nth":"1"}`:                "nth must be a whole number",
		`{"kind":"html","nth":null}`:               "nth must be a whole number",
		`{"kind":"html","nth":-1}`:                 "nth must not be negative",
		`{"kind":"html","nth":1,"every":2}`:        "every must not be given beside nth",
		`{"kind":"html","times":-1}`:               "times must not be negative",
		`{"kind":"html","probability":1.5}`:        "probability must be from 0 to 1",
		`{"kind":"html","delay":5}`:                "delay must be a duration",
		`{"kind":"html","delay":"-5s"}`:            "delay must be from 0",
		`{"kind":"html","operation":"Get"}`:        "operation must be an operation",
		`{"kind":"html","method":"get"}`:           "method must be one of",
		`{"kind":"html","path":"images"}`:          "path must begin with",
		`{"kind":"html","id":"a b"}`:               "id must be up to 64",
		`{"kind":"html","rate":5}`:                 "rate means nothing to the kind html",
		`{"kind":"bandwidth","rate":-5}`:           "rate must not be negative",
		`{"kind":"huge-header","size":1000000000}`: "size must be from 0",
		`{"kind":"html","status":99}`:              "status must be from 200",
		`{"kind":"error"}`:                         "error is missing",
		`{"kind":"error","error":"NotThere"}`:      "error must be a name or code",
		`{"kind":"html","from":"yesterday"}`:       "from must be a time",
		`{"kind":"html","from":"2026-01-02T00:00:00Z","until":"2026-01-01T00:00:00Z"}`: "until must be after from",
	} {
		var r fault.Rule
		err := r.UnmarshalJSON([]byte(text))
		if err == nil {
			_, err = fault.NewSet(api.Contract).Add(r)
		}
		if err == nil || !strings.HasPrefix(err.Error(), "fault rule: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// full has every field.
var full = fault.Rule{
	ID: "a", Description: "b", Kind: "bandwidth", Operation: "GetImage", Account: "c", Resource: "d", Method: "GET", Path: "/e",
	Nth: 1, First: 2, Every: 3, After: 4, Probability: 0.5, Seed: 5, From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	Until: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), Times: 6, Delay: 7, Jitter: 8, Error: "f", Status: 500, RetryAfter: 9,
	RetryAfterDate: true, Interval: 10, Rate: 11, Size: 12, Age: 13,
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for i, v := 0, reflect.ValueOf(full); i < v.NumField(); i++ {
		if v.Field(i).IsZero() {
			t.Errorf("the test leaves %s out", v.Type().Field(i).Name)
		}
	}
	text, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	var again fault.Rule
	if err := json.Unmarshal(text, &again); err != nil || !reflect.DeepEqual(again, full) {
		t.Errorf("%s reads %+v, %v", text, again, err)
	}
}

func FuzzRule(f *testing.F) {
	text, _ := json.Marshal(full)
	f.Add(text)
	f.Add([]byte(`{"kind":"html","delay":"1s","probability":0.5}`))
	f.Add([]byte(`{"kind":"error","error":"5404","nth":2}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r fault.Rule
		if r.UnmarshalJSON(text) != nil {
			return
		}
		first, err := json.Marshal(r)
		if err != nil {
			return // a time beyond what JSON can say
		}
		var again fault.Rule
		if err := again.UnmarshalJSON(first); err != nil {
			t.Fatalf("%s is written as %s, which is refused: %v", text, first, err)
		}
		if second, _ := json.Marshal(again); string(second) != string(first) {
			t.Fatalf("%s became %s", first, second)
		}
		_, _ = fault.NewSet(api.Contract).Add(r) // it must not panic
	})
}

// TestConcurrent adds, removes and calls at once. What is counted adds up.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	m := mock.New()
	fill(t, m)
	m.Fault(fault.Rule{ID: "stays", Kind: "internal-error", Every: 2})
	c := m.Client(client.WithRetries(0))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				id := m.Fault(fault.Rule{Kind: "html", Operation: "GetStats"})
				_, _ = c.GetImage(t.Context(), "cat")
				m.Faults().Remove(id)
			}
		})
	}
	wg.Wait()
	if all := m.Faults().List(); len(all) != 1 || all[0].Calls != 200 || all[0].Hits != 100 {
		t.Errorf("%+v", all)
	}
}

func BenchmarkNone(b *testing.B) {
	h := fault.NewSet(api.Contract).Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequest("GET", "/", http.NoBody)
	for b.Loop() {
		h.ServeHTTP(nil, r)
	}
}
