package fake

import (
	"bytes"

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
	text = unescapeSeparators(text)
	if len(text) > maxMetadata {
		return nil, api.ErrBadRequest.At("metadata", "metadata: must be at most %d bytes of JSON, not %d", maxMetadata, len(text))
	}
	return text, nil
}

// unescapeSeparators writes U+2028 and U+2029 in JSON text as they are. The
// encoder escapes them always, which would make the text longer than what the
// caller sent and push it over the limit.
func unescapeSeparators(text []byte) []byte {
	if !bytes.Contains(text, []byte(`\u202`)) {
		return text
	}
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		switch {
		case bytes.HasPrefix(text, []byte(`\u2028`)):
			out, text = append(out, "\u2028"...), text[6:]
		case bytes.HasPrefix(text, []byte(`\u2029`)):
			out, text = append(out, "\u2029"...), text[6:]
		case text[0] == '\\': // an escape of two characters, or the start of one
			out, text = append(out, text[:2]...), text[2:]
		default:
			out, text = append(out, text[0]), text[1:]
		}
	}
	return out
}
