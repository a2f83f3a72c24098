package fake

import (
	"github.com/cfimages/cfimages/gen/api"
)

// maxMetadata limits an image's metadata, in bytes. [documented]
//
// [assumed] They are the bytes of the compact JSON text.
const maxMetadata = 1024

// encodeMetadata returns metadata as it is stored; nil when none is given. The
// spelling of numbers stays as it is.
//
// [assumed] An empty object is metadata, too: it is answered as it was given.
func encodeMetadata(meta api.Meta) (api.StoredMeta, error) {
	if meta == nil {
		return nil, nil
	}
	text, err := meta.MarshalJSON()
	if err != nil {
		return nil, api.ErrBadRequest.At("metadata", "metadata: %s", err)
	}
	if len(text) > maxMetadata {
		return nil, api.ErrBadRequest.At("metadata", "metadata: must be at most %d bytes of JSON, not %d", maxMetadata, len(text))
	}
	return text, nil
}
