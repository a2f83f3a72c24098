package imaging

import (
	"encoding/hex"
	"image/color"
	"strconv"
	"strings"

	"golang.org/x/image/colornames"
)

// ParseColour reads a colour of CSS: a name, #rgb, #rrggbb, with alpha, too, or
// rgb and rgba with numbers or percentages.
func ParseColour(css string) (color.NRGBA, bool) {
	css = strings.ToLower(strings.TrimSpace(css))
	if digits, ok := strings.CutPrefix(css, "#"); ok {
		return hexColour(digits)
	}
	if name, args, ok := strings.Cut(css, "("); ok {
		args, closed := strings.CutSuffix(args, ")")
		return functionColour(args, closed && (name == "rgb" || name == "rgba"))
	}
	c, ok := colornames.Map[css]
	return color.NRGBA(c), ok
}

func hexColour(digits string) (color.NRGBA, bool) {
	if len(digits) <= 4 { // each digit stands for two
		var b strings.Builder
		for _, d := range []byte(digits) {
			b.Write([]byte{d, d})
		}
		digits = b.String()
	}
	v, err := hex.DecodeString(digits)
	switch {
	case err != nil:
	case len(v) == 3:
		return color.NRGBA{v[0], v[1], v[2], 255}, true
	case len(v) == 4:
		return color.NRGBA{v[0], v[1], v[2], v[3]}, true
	}
	return color.NRGBA{}, false
}

// functionColour reads three channels and perhaps an alpha, from 0 to 1.
func functionColour(args string, ok bool) (color.NRGBA, bool) {
	parts := strings.FieldsFunc(args, func(r rune) bool { return r == ' ' || r == ',' || r == '/' })
	if !ok || len(parts) != 3 && len(parts) != 4 {
		return color.NRGBA{}, false
	}
	v := [4]uint8{3: 255}
	for i, part := range parts {
		full := 255.0
		if i == 3 {
			full = 1
		}
		if digits, percent := strings.CutSuffix(part, "%"); percent {
			part, full = digits, 100
		}
		n, err := strconv.ParseFloat(part, 64)
		if err != nil || n != n {
			return color.NRGBA{}, false
		}
		v[i] = toByte(n / full * 255)
	}
	return color.NRGBA{v[0], v[1], v[2], v[3]}, true
}
