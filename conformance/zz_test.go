package conformance_test

import (
	"testing"
	"sort"
	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/mock"
)

func TestZZ(t *testing.T) {
	for range 2 {
	c := &clock{}
	target := everything(c)
	target.Handler = mock.New(options(c)...).Handler(guarded())
	r := conformance.Run(t, target)
	o := r.Outcomes
	sort.Slice(o, func(i, j int) bool { return o[i].Took > o[j].Took })
	for _, x := range o[:14] { t.Log(x.Clause.ID, x.Took) }
	for _, x := range o { for _, s := range x.Recorded { t.Log(x.Clause.ID, s) } }
	}
}
