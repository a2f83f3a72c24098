package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// body is what a request carries; nil is no body.
type body = contract.Form

// encode returns the request's body, unless the service would refuse it for
// sure.
func (c *Core) encode(r contract.Request) (*body, error) {
	switch {
	case r.Form != nil:
		var fields contract.Fields
		r.Form.AppendFields(&fields)
		if fields.Err != nil {
			return nil, fields.Err
		}
		return c.encodeForm(r.Op, fields.List, r.Parts())
	case r.JSON != nil:
		return c.encodeJSON(r.Op, r.JSON)
	default:
		return nil, nil
	}
}

func (c *Core) encodeForm(op *contract.Operation, fields []contract.Field, files []contract.FilePart) (*body, error) {
	if !c.unchecked {
		if err := contract.RefuseForm(c.contract, op.Body, fields, files, time.Now()); err != nil {
			return nil, unsent(err)
		}
	}
	return contract.EncodeForm(fields, files)
}

func (c *Core) encodeJSON(op *contract.Operation, v any) (*body, error) {
	text, err := contract.EncodeJSON(v)
	if err != nil {
		return nil, err
	}
	if !c.unchecked {
		if err := contract.RefuseJSON(c.contract, op.Body, text); err != nil {
			return nil, unsent(err)
		}
	}
	return &body{
		ContentType: "application/json",
		Length:      int64(len(text)),
		Replayable:  true,
		GetBody:     func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil },
	}, nil
}

// unsent returns what the API would answer without a status: nobody was asked.
func unsent(err *contract.Error) error {
	err.Status = 0
	return err
}

// url returns the request's address.
func (c *Core) url(r contract.Request) (string, error) {
	path, err := c.expand(r.Op, c.values(r))
	if err != nil {
		return "", err
	}
	if err := r.Filter.Err(); err != nil {
		return "", refuse("%s", err)
	}
	query := make([]byte, 0, 64)
	if r.Query != nil {
		var fields contract.Fields
		r.Query.AppendFields(&fields)
		for _, f := range fields.List {
			query = appendPair(query, f.Name, f.Value)
		}
	}
	if r.Filter.Len() > 0 {
		query = r.Filter.AppendTo(appendSeparator(query))
	}
	if len(query) > 0 {
		path += "?" + string(query)
	}
	return c.base + path, nil
}

// values returns the values of all path parameters by name.
func (c *Core) values(r contract.Request) map[string]string {
	values := make(map[string]string, len(r.Op.Binds)+len(r.Path))
	for i, p := range r.Op.Binds {
		values[p.Name] = c.binds[i]
	}
	for i, p := range r.Op.PathParams {
		values[p.Name] = r.Path[i]
	}
	return values
}

func appendSeparator(query []byte) []byte {
	if len(query) == 0 {
		return query
	}
	return append(query, '&')
}

func appendPair(query []byte, name, value string) []byte {
	query = append(appendSeparator(query), url.QueryEscape(name)...)
	return append(append(query, '='), url.QueryEscape(value)...)
}

// httpRequest makes one attempt's request.
func (c *Core) httpRequest(ctx context.Context, op *contract.Operation, target string, b *body, s *sending) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, op.Method, target, nil)
	if err != nil {
		return nil, errors.New("the URL cannot be parsed") // its parts may be secret
	}
	req.Header = c.header.Clone()
	if req.Header["Accept"] == nil {
		req.Header.Set("Accept", accept(op))
	}
	for _, known := range c.credentials() {
		req.Header.Set(known.header, known.value)
	}
	return req, attach(req, b, s)
}

func attach(req *http.Request, b *body, s *sending) error {
	if b == nil {
		return nil
	}
	rc, err := s.open(b)
	if err != nil {
		return err
	}
	req.Body = rc
	req.ContentLength = b.Length
	req.Header.Set("Content-Type", b.ContentType)
	if b.Replayable {
		req.GetBody = func() (io.ReadCloser, error) { return s.open(b) }
	}
	return nil
}

func accept(op *contract.Operation) string {
	if op.Result.Kind == contract.ResultStream {
		return op.Result.MediaType + ", application/json;q=0.5"
	}
	return "application/json"
}
