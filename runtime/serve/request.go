package serve

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
	"github.com/cfimages/cfimages/runtime/metafilter"
)

// Request is a request on its way to the implementation. What generated code
// reads from it has been checked.
type Request struct {
	h        *handler
	http     *http.Request
	endpoint *endpoint
	writer   tracker
	body     trackedBody
	params   [maxParams + 1]string // of the path; one more than may be needed
	binds    []string
	who      Credentials
	query    form.Values
	filter   metafilter.Filter
	service  any           // of a mounted request
	json     []byte        // the body, where it is JSON
	buffer   *bytes.Buffer // which holds it
}

// Path returns the i-th path parameter that is not bound.
func (r *Request) Path(i int) string { return r.params[r.endpoint.path[i]] }

// Query returns the query parameters.
func (r *Request) Query() *form.Values { return &r.query }

// Filter returns the filter of the query.
func (r *Request) Filter() metafilter.Filter { return r.filter }

// admit authenticates the request.
func (r *Request) admit() error {
	f := &r.h.contract.Faults
	var ok bool
	if r.who, ok = credentials(r.h.contract.Security, r.http.Header); !ok {
		return f.Unauthenticated
	}
	op := r.endpoint.op
	r.binds = make([]string, len(op.Binds))
	for i, p := range op.Binds {
		r.binds[i] = r.params[r.endpoint.binds[i]]
		if contract.CheckText(p.Schema, p.Name, r.binds[i], f) != nil {
			return f.NoRoute
		}
	}
	if r.h.auth != nil {
		if err := r.h.auth(r.http.Context(), r.who, r.binds); err != nil {
			return err
		}
	}
	return r.limit()
}

// check holds the request against the contract, all but the content of a body.
func (r *Request) check() error {
	op, f := r.endpoint.op, &r.h.contract.Faults
	for i, p := range op.PathParams {
		if err := contract.CheckText(p.Schema, p.Name, r.Path(i), f); err != nil {
			return err
		}
	}
	if err := r.checkQuery(); err != nil {
		return err
	}
	if r.h.negotiate && !r.acceptable() {
		e := f.BadRequest.With("the answer is of a type that the request does not accept")
		e.Status = http.StatusNotAcceptable
		return e
	}
	if op.Body != nil && op.Body.Kind == contract.BodyJSON {
		return r.readJSON()
	}
	return nil
}

// given is a query parameter of the operation as it was found.
type given struct {
	value string
	times int
}

// usualParams is how many parameters an operation has at most, usually.
const usualParams = 8

func (r *Request) checkQuery() error {
	op, f := r.endpoint.op, &r.h.contract.Faults
	raw := r.http.URL.RawQuery
	var room [usualParams]given
	found := room[:]
	if len(op.QueryParams) > usualParams {
		found = make([]given, len(op.QueryParams))
	}
	if err := r.scanQuery(raw, found); err != nil {
		return err
	}
	for i, p := range op.QueryParams {
		switch {
		case found[i].times > 1:
			return f.BadRequest.At(p.Name, "%s: must be given once", p.Name)
		case found[i].times == 1:
			if err := contract.CheckText(p.Schema, p.Name, found[i].value, f); err != nil {
				return err
			}
			r.query.Add(p.Name, found[i].value)
		case p.Required:
			return f.BadRequest.At(p.Name, "%s is required", p.Name)
		}
	}
	if op.Filter == nil || raw == "" {
		return nil
	}
	var err error
	if r.filter, err = op.Filter.Parse(raw); err != nil {
		return contract.FilterError(err, f)
	}
	return nil
}

// scanQuery finds the operation's parameters. Others are ignored unless the
// server is told to refuse them.
func (r *Request) scanQuery(raw string, found []given) error {
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err == nil {
			value, err = url.QueryUnescape(value)
		}
		if err != nil || strings.IndexByte(pair, ';') >= 0 {
			return r.badQuery(pair)
		}
		if i := r.endpoint.param(name); i >= 0 {
			found[i] = given{value, found[i].times + 1}
		} else if pair != "" && r.h.strictQuery && !r.endpoint.filters(name) {
			return r.h.contract.Faults.BadRequest.At(name, "%s is not a parameter of this operation", name)
		}
	}
	return nil
}

func (r *Request) badQuery(pair string) error {
	_, err := url.ParseQuery(pair)
	return r.h.contract.Faults.BadRequest.With("the query cannot be read: %s", err)
}

// param returns which query parameter has a name, -1 when none does.
func (e *endpoint) param(name string) int {
	for i := range e.op.QueryParams {
		if e.op.QueryParams[i].Name == name {
			return i
		}
	}
	return -1
}

// filters reports whether a parameter belongs to the filter.
func (e *endpoint) filters(name string) bool {
	if e.op.Filter == nil {
		return false
	}
	rest, ok := strings.CutPrefix(name, e.op.Filter.Prefix)
	return ok && rest != "" && (rest[0] == '.' || rest[0] == '[')
}
