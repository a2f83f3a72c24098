package serve_test

import (
	"encoding/json"
	"errors"
	"sync"
	"testing"

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
	hidden   []string
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
	var wg sync.WaitGroup
	for range 10 { // what an implementation shares is only read
		wg.Go(func() {
			out, err := serve.Reply(in, nil, func(in tree) tree { return in })
			if err != nil {
				t.Error(err)
			}
			if got, err := json.Marshal(out); err != nil || string(got) != want {
				t.Errorf("got  %s, %v\nwant %s", got, err, want)
			}
			if out.hidden != nil || out.Omitted != nil {
				t.Errorf("too much is filled: %+v", out)
			}
		})
	}
	wg.Wait()
	if after, err := json.Marshal(in); err != nil || string(after) != string(before) {
		t.Errorf("the implementation's memory is changed: %s", after)
	}
}

func TestReplyOfAFailure(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	wrap := func(p *leaf) leaf { return *p }
	if out, err := serve.Reply(nil, failed, wrap); !errors.Is(err, failed) || out.Names != nil {
		t.Errorf("%+v, %v", out, err)
	}
}
