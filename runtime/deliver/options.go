package deliver

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/imaging"
)

// transform is what a variant or a list of options asks for.
type transform struct {
	imaging.Options
	info bool    // a description instead of an image
	fast bool    // rather than small
	dpr  float64 // pixels of the screen for one of the box; 0 is one
}

// named is what a predefined variant asks for.
func named(v api.VariantOptions) transform {
	t := transform{Options: imaging.Options{
		Width: pixels(v.Width), Height: pixels(v.Height), Fit: fits[string(v.Fit)], Metadata: keeps[string(v.Metadata)],
	}}
	if v.Blur != nil {
		t.Blur = float64(*v.Blur)
	}
	return t
}

// pixels is a side of a box. [assumed] A part of a pixel is dropped.
func pixels[T int64 | float64](v T) int { return int(min(max(v, 0), 1<<24)) }

var fits = map[string]imaging.Fit{
	"scale-down": imaging.ScaleDown, "contain": imaging.Contain, "cover": imaging.Cover, "crop": imaging.Crop,
	"pad": imaging.Pad, "squeeze": imaging.Squeeze, "scale-up": imaging.ScaleUp,
}

var keeps = map[string]imaging.Metadata{"keep": imaging.Keep, "copyright": imaging.Copyright, "none": imaging.None}

// maxOptions limits a list of options. [assumed] It has 2 KiB at most.
const maxOptions = 2048

// parseOptions reads options that stand in place of a variant, such as
// "w=400,fit=cover". [assumed] Metadata is by default no more than copyright, and
// an option that is given twice is an error.
func parseOptions(list string) (transform, error) {
	t := transform{Options: imaging.Options{Metadata: imaging.Copyright}}
	if len(list) > maxOptions {
		return t, errors.New("there are too many")
	}
	seen := map[string]bool{}
	for _, item := range split(list) {
		name, value, ok := strings.Cut(item, "=")
		if full, short := shortNames[name]; short {
			name = full
		}
		set := options[name]
		switch {
		case !ok || value == "":
			return t, fmt.Errorf("%q has no value", item)
		case set == nil:
			return t, fmt.Errorf("there is no option %q", name)
		case seen[name]:
			return t, fmt.Errorf("%q is given twice", name)
		}
		seen[name] = true
		if err := set(&t, value); err != nil {
			return t, fmt.Errorf("%q: %w", item, err)
		}
	}
	t.scaleBox()
	return t, nil
}

// split cuts a list at the commas that are not within parentheses.
func split(list string) []string {
	depth := 0
	return strings.FieldsFunc(list, func(r rune) bool {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		return r == ',' && depth <= 0
	})
}

// scaleBox makes the box that of the screen's pixels. [sdk] The option dpr
// multiplies width and height.
func (t *transform) scaleBox() {
	if t.dpr > 0 {
		t.Width = pixels(math.Round(float64(t.Width) * t.dpr))
		t.Height = pixels(math.Round(float64(t.Height) * t.dpr))
	}
}

// shortNames are other ways to write an option. [documented] An
// option may be written w or h. [assumed] The other short names are known, too.
var shortNames = map[string]string{"w": "width", "h": "height", "g": "gravity", "q": "quality", "f": "format"}

var errUnsupported = errors.New("is not supported here")

// unsupported refuses an option that exists and is not done here.
func unsupported(*transform, string) error { return errUnsupported }

type setter = func(*transform, string) error

// options are all there are. [sdk] The types of the Workers runtime name
// these options.
var options = map[string]setter{
	"width":       whole(1, 1<<24, func(t *transform) *int { return &t.Width }),
	"height":      whole(1, 1<<24, func(t *transform) *int { return &t.Height }),
	"fit":         (*transform).setFit,
	"gravity":     (*transform).setGravity,
	"quality":     (*transform).setQuality,
	"format":      (*transform).setFormat,
	"blur":        factor(1, 250, func(t *transform) *float64 { return &t.Blur }),
	"sharpen":     factor(0, 10, func(t *transform) *float64 { return &t.Sharpen }),
	"brightness":  factor(0, 100, func(t *transform) *float64 { return &t.Brightness }),
	"contrast":    factor(0, 100, func(t *transform) *float64 { return &t.Contrast }),
	"gamma":       factor(0, 100, func(t *transform) *float64 { return &t.Gamma }),
	"saturation":  (*transform).setSaturation,
	"dpr":         factor(0.1, 10, func(t *transform) *float64 { return &t.dpr }),
	"rotate":      (*transform).setRotate,
	"flip":        (*transform).setFlip,
	"trim":        (*transform).setTrim,
	"background":  (*transform).setBackground,
	"metadata":    (*transform).setMetadata,
	"anim":        (*transform).setAnim,
	"compression": (*transform).setCompression,
	"upscale":     only("interpolate"),

	"border":                  unsupported,
	"onerror":                 unsupported,
	"segment":                 unsupported,
	"slow-connection-quality": unsupported,
	"zoom":                    unsupported,
}

var errValue = errors.New("the value is not valid")

// whole reads a whole number within limits.
func whole(least, most int, field func(*transform) *int) setter {
	return func(t *transform, value string) error {
		if value == "auto" {
			return errUnsupported
		}
		n, err := strconv.ParseUint(value, 10, 31)
		if err != nil || int(n) < least || int(n) > most {
			return errValue
		}
		*field(t) = int(n)
		return nil
	}
}

// number reads a decimal number within limits.
func number(value string, least, most float64) (float64, error) {
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || !(v >= least && v <= most) || strings.ContainsAny(value, "xX_pP") {
		return 0, errValue
	}
	return v, nil
}

func factor(least, most float64, field func(*transform) *float64) setter {
	return func(t *transform, value string) (err error) {
		*field(t), err = number(value, least, most)
		return err
	}
}

// only accepts the value that says what is done anyway.
func only(value string) setter {
	return func(_ *transform, v string) error {
		if v != value {
			return errUnsupported
		}
		return nil
	}
}
