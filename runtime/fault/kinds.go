package fault

import (
	"net/http"
	"slices"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Level is where a fault lies.
type Level string

// The levels of faults.
const (
	API        Level = "api"        // what the service answers
	HTTP       Level = "http"       // how the answer is written
	Connection Level = "connection" // how it travels
	Lifecycle  Level = "lifecycle"  // what becomes of things later on
)

// Kind is a kind of fault.
type Kind struct {
	Name        string `json:"name"`
	Level       Level  `json:"level"`
	Description string `json:"description"`
	// Fields are those of a rule, as JSON names them, that only some kinds take.
	Fields []string `json:"fields,omitempty"`
	// Direct says that it also affects calls that do not travel by HTTP. They fail
	// with an error like that of a client.
	Direct bool `json:"direct"`
}

// Kinds returns all kinds of faults, level by level.
func Kinds() []Kind {
	out := make([]Kind, len(kinds))
	for i := range kinds {
		out[i] = kinds[i].Kind
		out[i].Fields = slices.Clone(out[i].Fields)
		out[i].Direct = kinds[i].noticed()
	}
	return out
}

// kind is a kind with what it does.
type kind struct {
	Kind
	about func(call) bool // which calls it is possible for
	act   action
	// fail is the error that is answered, where that is all.
	fail   func(*hit) *contract.Error
	direct outcome
	fate   func(*hit) Fate // of a webhook
}

// action answers a request, perhaps by what next answers.
type action func(h *hit, w http.ResponseWriter, r *http.Request, next http.Handler)

// outcome is what becomes of a call that does not travel by HTTP.
type outcome int

const (
	wireOnly   outcome = iota
	paused             // it takes longer
	lost               // it fails and has no effect
	unanswered         // it fails and has its effect
	silent             // it waits until its context ends
)

func (k *kind) noticed() bool { return k.direct != wireOnly || k.fail != nil }

func kindOf(name string) *kind {
	for _, k := range kinds {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// kinds are all there are.
var kinds = slices.Concat(apiKinds(), httpKinds(), listKinds(), connectionKinds(), lifecycleKinds())

// anything is about every call.
func anything(call) bool { return true }

// enveloped is about calls that JSON answers: operations but downloads, and
// uploads to one-time URLs.
func enveloped(c call) bool {
	if c.op == nil {
		return posted(c)
	}
	return c.op.Result.Kind != contract.ResultStream
}

// posted is about uploads to one-time URLs.
func posted(c call) bool {
	return c.op == nil && c.request != nil && c.request.Method == http.MethodPost
}

// listed is about lists that a token continues.
func listed(c call) bool { return c.op != nil && c.op.Page != nil && c.op.Page.TokenOut != "" }

// continued is about pages of such lists but the first.
func continued(c call) bool {
	return listed(c) && c.request != nil && c.request.URL.Query().Get(c.op.Page.TokenIn) != ""
}

// read is about reading, but not of files.
func read(c call) bool {
	return c.op != nil && c.request != nil && c.op.ReadOnly() && c.op.Result.Kind == contract.ResultJSON
}

// create is about making things under an id that may be taken.
func create(c call) bool { return c.op != nil && c.op.Method == http.MethodPost && taken(c.op) != nil }

// taken is what an operation answers where an id is taken.
func taken(op *contract.Operation) *contract.ErrorKind {
	for _, k := range op.Errors {
		if k.Status == http.StatusConflict {
			return k
		}
	}
	return nil
}
