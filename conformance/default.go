package conformance

import (
	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
)

// defaultOperations is the API that this module's specification describes.
func defaultOperations() []*contract.Operation { return api.Contract.Operations }
