package deliver

import (
	"strconv"
	"strings"

	"github.com/cfimages/cfimages/runtime/imaging"
)

// accepts says what the Accept header means for WebP. [documented] What is not
// named is not made. [assumed] An image that is WebP already stays so unless
// neither it nor a wildcard is named.
func accepts(accept []string, fast bool) imaging.WebPUse {
	if len(accept) == 0 {
		return imaging.WebPStays
	}
	named, wildcard := webpIn(accept)
	switch {
	case named && !fast:
		return imaging.WebPMade
	case named || wildcard:
		return imaging.WebPStays
	default:
		return imaging.WebPNever
	}
}

// webpIn reports whether WebP is among media types, by its name or a wildcard.
func webpIn(accept []string) (named, wildcard bool) {
	for element := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, params, _ := strings.Cut(element, ";")
		if refusesQuality(params) {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "image/webp":
			named = true
		case "image/*", "*/*":
			wildcard = true
		}
	}
	return named, wildcard
}

// refusesQuality reports whether the parameters of a media type say q=0.
func refusesQuality(params string) bool {
	for p := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if q, err := strconv.ParseFloat(value, 64); strings.EqualFold(name, "q") && err == nil && q == 0 {
			return true
		}
	}
	return false
}
