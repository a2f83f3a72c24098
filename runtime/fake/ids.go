package fake

import (
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/cfimages/cfimages/gen/api"
)

// maxCustomID limits a custom id, in characters. [documented] Custom ids have 1,024
// characters at most.
const maxCustomID = 1024

// checkCustomID checks an id that a caller chose; private is whether the image
// is to require signed URLs.
func checkCustomID(id string, private bool) error {
	if reason := customIDViolation(id); reason != "" {
		// [observed] The reason follows the message about a custom id.
		return api.ErrInvalidCustomID.At("id", "%s: %s", api.ErrInvalidCustomID.Message, reason)
	}
	if private {
		// [documented] An image with a custom id cannot be private.
		return api.ErrCustomIDCannotBePrivate.New()
	}
	return nil
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// customIDViolation says which rule an id breaks; it is empty when none. Two
// of the texts are the service's own.
func customIDViolation(id string) string {
	switch {
	case !utf8.ValidString(id): // [documented] Custom ids are UTF-8.
		return "Must be UTF-8"
	case utf8.RuneCountInString(id) > maxCustomID:
		return "Must not be longer than 1024 characters"
	case strings.HasPrefix(id, "/") || strings.HasSuffix(id, "/"): // [documented] Custom ids neither start nor end with a slash.
		return "Must not start or end with a slash"
	case id == "." || id == "..": // [assumed] Custom ids are no dots that a path would resolve.
		return "Must not be . or .."
	case uuid.MatchString(id): // [observed] Custom ids are not UUIDs. [assumed] A UUID without hyphens is none.
		return "Must not be UUID"
	case foreignExtension(id): // [observed] Custom ids do not end like the name of a file that is no image.
		return "Must not use a non-image file name extension"
	default:
		return ""
	}
}

// foreignExtension reports whether an id ends like the name of a file that is
// no image.
//
// Which extensions the service knows is not recorded. [assumed] Only extensions
// of well-known formats are those of no image, so that "release-1.2" or "example.com" are ids
// like any other.
func foreignExtension(id string) bool {
	ext := path.Ext(id)
	if ext == "" || strings.TrimSuffix(path.Base(id), ext) == "" {
		return false
	}
	return foreign[strings.ToLower(ext[1:])]
}

var foreign = func() map[string]bool {
	known := map[string]bool{}
	for _, line := range []string{
		"txt md rtf csv tsv log pdf doc docx odt xls xlsx ods ppt pptx odp epub",
		"html htm xhtml xml json jsonl yaml yml toml ini css js mjs cjs ts tsx jsx wasm",
		"go rs py rb php java cc cpp hpp cs kt swift pl lua sh bash bat cmd ps1 sql",
		"exe dll so dylib bin iso dmg msi deb rpm apk jar war class",
		"zip gz tgz bz2 xz zst 7z rar tar",
		"mp3 wav flac ogg oga m4a aac opus mp4 m4v mov avi mkv webm ogv wmv flv mpg mpeg",
		"ttf otf woff woff2 eot db sqlite",
	} {
		for _, ext := range strings.Fields(line) {
			known[ext] = true
		}
	}
	return known
}()
