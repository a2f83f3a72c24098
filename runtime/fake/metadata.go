package fake

import (
	"github.com/cfimages/cfimages/gen/api"
)

// encodeMetadata returns metadata as it is stored; nil when none is given. The
// spelling of numbers stays as it is.
//
// [documented] Metadata has 1,024 bytes at most. [assumed] The limit of metadata
// is one of its compact JSON text. [assumed] An empty object is metadata, too, and is answered as
// it was given.
func encodeMetadata(meta api.Meta) (api.StoredMeta, error) {
	if meta == nil {
		return nil, nil
	}
	text, err := meta.MarshalJSON()
	if err != nil {
		return nil, api.ErrBadRequest.At("metadata", "metadata: %s", err)
	}
	if len(text) > api.MetaMaxBytes {
		return nil, api.ErrBadRequest.At("metadata", "metadata: must be at most %d bytes of JSON, not %d", api.MetaMaxBytes, len(text))
	}
	return text, nil
}
