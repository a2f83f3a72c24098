package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	stdimage "image"
	"net/http"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/cfimages/cfimages/runtime/contract"
)

// limit is a limit of one value: what is just inside and what is just outside.
type limit struct {
	inside, outside string
	// minimum says that it is a lower limit.
	minimum bool
	// side says on which side of the limit a value lies: 1 just inside, -1 just
	// outside, 0 elsewhere.
	side func(v value) int
}

// value is a value as it was sent.
type value struct {
	// text is that of a text, a number or an object. Of a file it is what was
	// kept.
	text string
	// size is the length of a file in bytes.
	size int64
	// now is the time of the request by the target's clock.
	now time.Time
}

// limitsOf returns the limits of a schema. A part of a path cannot be empty, and
// so has no lower limit.
func limitsOf(s *contract.Schema, inPath bool) []limit {
	list := everyLimit(s)
	if inPath {
		list = slices.DeleteFunc(list, func(l limit) bool { return l.minimum })
	}
	return list
}

func everyLimit(s *contract.Schema) []limit {
	var list []limit
	if s.MaxLength > 0 {
		list = append(list, counted(characters, s.MaxLength, 1, "characters"))
	}
	if s.MinLength > 0 {
		list = append(list, counted(characters, s.MinLength, -1, "characters"))
	}
	if s.Maximum != nil {
		list = append(list, numeric(*s.Maximum, 1))
	}
	if s.Minimum != nil {
		list = append(list, numeric(*s.Minimum, -1))
	}
	switch {
	case s.MaxBytes > 0 && s.Type == contract.TypeBinary:
		list = append(list, fileSize(s.MaxBytes))
	case s.MaxBytes > 0:
		list = append(list, counted(func(v value) int { return len(v.text) }, int(s.MaxBytes), 1, "bytes"))
	}
	if s.MaxItems > 0 {
		list = append(list, counted(elements, s.MaxItems, 1, "elements"))
	}
	if s.MinItems > 0 {
		list = append(list, counted(elements, s.MinItems, -1, "elements"))
	}
	if s.Window != nil {
		list = append(list, until(s.Window.Min, -1), until(s.Window.Max, 1))
	}
	return list
}

func characters(v value) int { return utf8.RuneCountInString(v.text) }

func elements(v value) int {
	var list []json.RawMessage
	if json.Unmarshal([]byte(v.text), &list) != nil {
		return -1
	}
	return len(list)
}

// beside says where n is when the limit is most and the outside is beyond.
func beside[N int | float64](n, most, beyond N) int {
	switch n {
	case most:
		return 1
	case beyond:
		return -1
	}
	return 0
}

// counted is a limit of something that is counted; up is 1 for an upper and -1
// for a lower limit.
func counted(count func(value) int, most, up int, unit string) limit {
	return limit{
		fmt.Sprintf("of %d %s", most, unit), fmt.Sprintf("of %d %s", most+up, unit), up < 0,
		func(v value) int { return beside(count(v), most, most+up) },
	}
}

func numeric(most, up float64) limit {
	text := func(n float64) string { return "= " + strconv.FormatFloat(n, 'f', -1, 64) }
	return limit{text(most), text(most + up), up < 0, func(v value) int {
		n, err := strconv.ParseFloat(v.text, 64)
		if err != nil {
			return 0
		}
		return beside(n, most, most+up)
	}}
}

// fileSize is the limit of a file. Sources do not say whether they count by
// 1000 or by 1024, so that a tenth below and above is near.
func fileSize(most int64) limit {
	return limit{
		fmt.Sprintf("of nearly %d bytes", most), fmt.Sprintf("of more than %d bytes", most), false,
		func(v value) int {
			switch {
			case v.size > most && v.size <= most+most/5:
				return -1
			case v.size <= most && v.size >= most-most/5:
				return 1
			}
			return 0
		},
	}
}

// nearTime is how far from a limit a moment may lie to count, as the clocks of
// both sides differ.
const nearTime = 10 * time.Minute

// until is a limit of how far ahead a moment lies.
func until(most time.Duration, up int) limit {
	words := [2]string{"at most", "more than"}
	if up < 0 {
		words = [2]string{"at least", "less than"}
	}
	return limit{words[0] + " " + most.String() + " ahead", words[1] + " " + most.String() + " ahead", up < 0, func(v value) int {
		at, err := time.Parse(time.RFC3339, v.text)
		over := at.Sub(v.now) - most
		if up < 0 {
			over = -over
		}
		switch {
		case err != nil || over > nearTime || over < -nearTime:
			return 0
		case over > 0:
			return -1
		}
		return 1
	}}
}

// namedLimit is a limit that no schema states.
type namedLimit struct {
	inside, outside string
	// side says on which side an exchange lies, like that of [limit].
	side func(e *exchange, sent sentRequest) int
}

// namedLimits are the documented limits that the operation table has no room
// for.
func namedLimits() []namedLimit {
	return []namedLimit{
		{"100 variants", "101 variants", variantSide},
		{"V1 list per_page = 100", "V1 list per_page = 101", pageSide("listImagesV1", 100)},
		{"V2 list per_page = 1000", "V2 list per_page = 1001", pageSide("listImages", 1000)},
		{"picture of at most 12000 pixels a side", "picture of more than 12000 pixels a side", pictureSide},
		{"picture of at most 100 megapixels", "picture of more than 100 megapixels", pictureArea},
	}
}

func pageSide(operation string, most int) func(*exchange, sentRequest) int {
	return func(_ *exchange, sent sentRequest) int {
		if sent.op.ID != operation {
			return 0
		}
		n, _ := strconv.Atoi(sent.query.Get("per_page"))
		return beside(n, most, most+1)
	}
}

const maxVariants = 100

// variantSide is inside when a list has as many variants as there may be, and
// outside when one more is refused for that.
func variantSide(e *exchange, sent sentRequest) int {
	switch {
	case sent.op.ID == "listVariants" && e.status == http.StatusOK:
		var answer struct {
			Result struct{ Variants map[string]json.RawMessage }
		}
		if json.Unmarshal(e.body, &answer) == nil && len(answer.Result.Variants) == maxVariants {
			return 1
		}
	case sent.op.ID == "createVariant" && e.hasCode(codeLimit):
		return -1
	}
	return 0
}

// dimensions returns the size of the picture that was sent, in pixels.
func dimensions(sent sentRequest) (width, height int) {
	config, _, err := stdimage.DecodeConfig(bytes.NewReader(sent.file))
	if err != nil {
		return 0, 0
	}
	return config.Width, config.Height
}

func pictureSide(_ *exchange, sent sentRequest) int {
	const most = 12000
	width, height := dimensions(sent)
	switch longest := max(width, height); {
	case longest > most:
		return -1
	case longest > most-most/5:
		return 1
	}
	return 0
}

func pictureArea(_ *exchange, sent sentRequest) int {
	const most = 100_000_000
	width, height := dimensions(sent)
	switch area := width * height; {
	case area > most:
		return -1
	case area > most-most/5:
		return 1
	}
	return 0
}
