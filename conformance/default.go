package conformance

import (
	"net/http"
	"reflect"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
)

// defaultOperations is the API that this module's specification describes.
func defaultOperations() []*contract.Operation { return api.Contract.Operations }

// defaultErrors is the error catalogue of the specification.
func defaultErrors() []*contract.ErrorKind { return api.Contract.Errors }

// uploadTo describes the post to an upload URL, which is no operation of the
// table: it goes to an address of its own.
func uploadTo() *contract.Operation {
	return &contract.Operation{
		ID: "uploadTo", Name: "UploadTo", Method: http.MethodPost, Body: api.UploadToBody,
		Result: contract.Result{Kind: contract.ResultJSON},
	}
}

// resultType is what the Go method of an operation returns, nil when it
// returns an error only or there is no such method.
func resultType(op *contract.Operation) reflect.Type {
	if op.Name == uploadTo().Name {
		return reflect.TypeFor[*api.Image]()
	}
	m, ok := reflect.TypeFor[api.Service]().MethodByName(op.Name)
	if !ok || m.Type.NumOut() != 2 {
		return nil
	}
	return m.Type.Out(0)
}
