package deliver

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cfimages/cfimages/runtime/imaging"
)

func (t *transform) setFit(value string) error {
	fit, ok := fits[value]
	if !ok {
		return errValue
	}
	t.Fit = fit
	return nil
}

var sides = map[string]imaging.Gravity{
	"center": {}, "left": {X: -0.5}, "right": {X: 0.5}, "top": {Y: -0.5}, "bottom": {Y: 0.5},
}

// setGravity takes a side, or coordinates such as 0.5x0.2.
func (t *transform) setGravity(value string) error {
	if slices.Contains([]string{"auto", "face", "entropy"}, value) {
		return errUnsupported
	}
	if side, ok := sides[value]; ok {
		t.Gravity = side
		return nil
	}
	left, top, ok := strings.Cut(value, "x")
	x, err := number(left, 0, 1)
	y, err2 := number(top, 0, 1)
	if !ok || err != nil || err2 != nil {
		return errValue
	}
	t.Gravity = imaging.Gravity{X: x - 0.5, Y: y - 0.5}
	return nil
}

// qualities are names of qualities. [sdk] A quality may be
// a name. [assumed] The numbers behind the names are these.
var qualities = map[string]int{"low": 40, "medium-low": 60, "medium-high": 75, "high": 90}

func (t *transform) setQuality(value string) error {
	if q, ok := qualities[value]; ok {
		t.Quality = q
		return nil
	}
	return whole(1, 100, func(t *transform) *int { return &t.Quality })(t, value)
}

func (t *transform) setFormat(value string) error {
	switch value {
	case "auto":
		t.Format = imaging.Auto
	case "webp":
		t.Format = imaging.WebP
	case "jpeg", "baseline-jpeg": // what is written here is always baseline
		t.Format = imaging.JPEG
	case "png":
		t.Format = imaging.PNG
	case "json":
		t.info = true
	case "avif", "png-force", "svg":
		return errUnsupported
	default:
		return errValue
	}
	return nil
}

// setSaturation takes a factor, of which 0 is grey.
func (t *transform) setSaturation(value string) error {
	v, err := number(value, 0, 100)
	t.Saturation = v - 1
	return err
}

func (t *transform) setRotate(value string) error {
	i := slices.Index([]string{"0", "90", "180", "270", "360"}, value)
	if i < 0 {
		return errValue
	}
	t.Turns = i % 4
	return nil
}

func (t *transform) setFlip(value string) error {
	if !slices.Contains([]string{"h", "v", "hv"}, value) {
		return errValue
	}
	t.FlipX, t.FlipY = strings.Contains(value, "h"), strings.Contains(value, "v")
	return nil
}

// setTrim takes four numbers of pixels: top;right;bottom;left.
func (t *transform) setTrim(value string) error {
	parts := strings.Split(value, ";")
	if len(parts) != 4 {
		return errValue
	}
	for i, field := range []*int{&t.Trim.Top, &t.Trim.Right, &t.Trim.Bottom, &t.Trim.Left} {
		n, err := strconv.ParseUint(parts[i], 10, 24)
		if err != nil {
			return errValue
		}
		*field = int(n)
	}
	return nil
}

func (t *transform) setBackground(value string) error {
	c, ok := imaging.ParseColour(value)
	if !ok {
		return errValue
	}
	t.Background = c
	return nil
}

func (t *transform) setMetadata(value string) error {
	keep, ok := keeps[value]
	if !ok {
		return errValue
	}
	t.Metadata = keep
	return nil
}

func (t *transform) setAnim(value string) error {
	if value != "true" && value != "false" {
		return errValue
	}
	t.Still = value == "false"
	return nil
}

func (t *transform) setCompression(value string) error {
	if value != "fast" {
		return errValue
	}
	t.fast = true
	return nil
}
