package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
)

// Upload returns a handler for one-time upload URLs: it takes a POST of a form
// with a file, without credentials, and answers what accept returns in an
// envelope. accept is given the escaped path of the URL.
func Upload[T any](c *contract.Contract, body *contract.Body, part string,
	accept func(ctx context.Context, url string, file *form.File) (*T, error), opts ...Option,
) http.Handler {
	h := newHandler(c, opts)
	op := &contract.Operation{Name: "upload", Method: http.MethodPost, Body: body}
	return h.guarded(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			h.miss(w, r, []string{http.MethodPost})
			return
		}
		out, err := receive(h, op, part, accept, r)
		if err == nil {
			err = succeed(w, &c.Envelope, out)
		}
		if err != nil {
			h.fail(w, r, err)
		}
	})
}

func receive[T any](h *handler, op *contract.Operation, part string,
	accept func(context.Context, string, *form.File) (*T, error), r *http.Request,
) (*T, error) {
	if err := h.checkForm(op, r); err != nil {
		return nil, err
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, h.contract.Faults.BadRequest.With("%s", err)
	}
	return Form(parts, op, h.contract, func(v *form.Values) (*T, error) {
		return accept(r.Context(), r.URL.EscapedPath(), v.File(part))
	})
}

// succeed writes a successful envelope, unless there is nothing to put in it.
func succeed[T any](w http.ResponseWriter, names *contract.Envelope, out *T) error {
	if out == nil {
		return errors.New("the implementation returned neither a result nor an error")
	}
	result, err := json.Marshal(filled(*out))
	if err != nil {
		return err
	}
	body := fmt.Sprintf("{%q:%s,%q:true,%q:[]", names.Result, result, names.Success, names.Errors)
	if names.Messages != "" {
		body += fmt.Sprintf(",%q:[]", names.Messages)
	}
	body += "}\n"
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(body))
	return nil
}
