package lower

import "github.com/cfimages/cfimages/generator/internal/ir"

// example returns the value that the method returns in the answer's example,
// as compact JSON with the members in the order of the text.
func (a answer) example(r ir.Result) string {
	if a.media.MediaType == nil || r.Kind != ir.ResultJSON {
		return ""
	}
	n := a.media.Node.Get("example")
	if !n.Ok() {
		for _, named := range a.media.Node.Get("examples").Members() {
			n = named.Deref().Get("value")
			break
		}
	}
	n = n.Get(a.resultKey)
	if r.Member != "" {
		n = n.Get(r.Member)
	}
	if !n.Ok() {
		return ""
	}
	return n.JSON()
}
