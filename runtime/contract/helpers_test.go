package contract_test

import (
	"errors"
	"testing"

	"github.com/cfimages/cfimages/runtime/contract"
)

var (
	badRequest = &contract.ErrorKind{Name: "BadRequest", Code: 5400, Status: 400, Message: "Bad request"}
	badID      = &contract.ErrorKind{Name: "InvalidID", Code: 5411, Status: 400, Message: "Invalid id"}
	notFound   = &contract.ErrorKind{Name: "NotFound", Code: 5404, Status: 404, Message: "Not found"}
	faults     = &contract.Faults{BadRequest: badRequest}
)

// messages returns the texts of an error of the contract, nil for none.
func messages(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*contract.Error](err)
	if !ok {
		t.Fatalf("%T is not an Error: %v", err, err)
	}
	var out []string
	for _, m := range e.Messages {
		out = append(out, m.Message)
	}
	return out
}

// pointers returns what the messages of an error point at.
func pointers(t *testing.T, err error) []string {
	t.Helper()
	e, ok := errors.AsType[*contract.Error](err)
	if !ok {
		t.Fatalf("%T is not an Error: %v", err, err)
	}
	var out []string
	for _, m := range e.Messages {
		if m.Source == nil {
			t.Fatalf("no source: %+v", m)
		}
		out = append(out, m.Source.Pointer)
	}
	return out
}

func property(name string, s contract.Schema) contract.Property {
	return contract.Property{Name: name, Schema: &s}
}

func required(name string, s contract.Schema) contract.Property {
	return contract.Property{Name: name, Required: true, Schema: &s}
}
