package serve_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/serve"
)

// leaf and tree hold every shape in which another API may have a list.
type leaf struct {
	Names []string `json:"names"`
}

type tree struct {
	Pointer  *leaf              `json:"pointer"`
	Absent   *leaf              `json:"absent"`
	Leaves   []leaf             `json:"leaves"`
	Pointers []*leaf            `json:"pointers"`
	Nested   [][]string         `json:"nested"`
	ByName   map[string]leaf    `json:"by_name"`
	Counts   map[string]int     `json:"counts"`
	Object   contract.Object    `json:"object"`
	Raw      contract.RawObject `json:"raw"`
	Bytes    []byte             `json:"bytes"`
	Omitted  []string           `json:"omitted,omitempty"`
	Zero     map[string]string  `json:"zero,omitzero"`
}

func TestReplyFillsEveryShape(t *testing.T) {
	t.Parallel()
	in := tree{
		Pointer:  &leaf{},
		Leaves:   []leaf{{Names: []string{"a"}}, {}},
		Pointers: []*leaf{nil, {}},
		Nested:   [][]string{nil, {"b"}},
		ByName:   map[string]leaf{"x": {}, "y": {Names: []string{"c"}}},
	}
	before, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"pointer":{"names":[]},"absent":null,"leaves":[{"names":["a"]},{"names":[]}],"pointers":[null,{"names":[]}],` +
		`"nested":[[],["b"]],"by_name":{"x":{"names":[]},"y":{"names":["c"]}},"counts":{},"object":{},"raw":{},"bytes":""}`
	byValue := answering(func() (tree, error) { return in, nil })
	byPointer := answering(func() (*tree, error) { return &in, nil })
	var wg sync.WaitGroup
	for range 10 { // what an implementation shares is only read
		wg.Go(func() {
			for _, h := range []http.Handler{byValue, byPointer} {
				w := doRaw(h, request{method: "GET", path: "/thing"})
				if got := w.Body.String(); got != `{"data":`+want+`,"ok":true,"errors":[]}`+"\n" {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			}
		})
	}
	wg.Wait()
	if after, err := json.Marshal(in); err != nil || string(after) != string(before) {
		t.Errorf("the implementation's memory is changed: %s", after)
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	wrap := func(p *leaf) leaf { return *p }
	if out, err := serve.Wrap(nil, failed, wrap); !errors.Is(err, failed) || out.Names != nil {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := serve.Wrap(nil, nil, wrap); err == nil {
		t.Error("nothing is something")
	}
	if out, err := serve.Wrap(&leaf{Names: []string{"a"}}, nil, wrap); err != nil || len(out.Names) != 1 {
		t.Errorf("%+v, %v", out, err)
	}
}

// answering is a server of another API, which has one operation.
func answering[T any](get func() (T, error)) http.Handler {
	op := &contract.Operation{Name: "GetThing", Method: "GET", Path: "/thing"}
	return serve.New(other(op), func(context.Context, []string) (any, error) { return nil, nil }, []serve.Route[any]{
		serve.JSON(op, func(context.Context, any, *serve.Request) (T, error) { return get() }),
	})
}

// other is another API: without credentials, with an envelope of its own.
func other(ops ...*contract.Operation) *contract.Contract {
	return &contract.Contract{
		Operations: ops,
		Envelope:   contract.Envelope{Result: "data", Success: "ok", Errors: "errors"},
		Faults:     api.Contract.Faults,
	}
}
