package imaging

import (
	"cmp"
	"image"
	"image/color"
	"slices"
)

// mostColours is how many a GIF has, one of which may be transparent.
const mostColours = 256

// reduce makes an image of at most 256 colours. An image that has no more keeps
// them; of others, the colours are averages of those that are near each other. A
// pixel is transparent or not.
func reduce(img *image.RGBA) *image.Paletted {
	out := image.NewPaletted(img.Rect, nil)
	colours, holes := countColours(img)
	index := exactIndex(colours)
	palette := exactPalette(colours, index)
	if index == nil || holes && len(palette) >= mostColours {
		palette, index = medianCut(colours, mostColours-1)
	}
	transparent := len(palette)
	if holes {
		palette = append(palette, color.RGBA{})
	}
	out.Palette = palette
	for i := range out.Pix {
		p := img.Pix[4*i : 4*i+4 : 4*i+4]
		if p[3] < 128 {
			out.Pix[i] = uint8(transparent)
			continue
		}
		out.Pix[i] = index[key(p)]
	}
	return out
}

// rgb is a colour.
type rgb [3]uint8

func key(p []uint8) rgb { return rgb{p[0], p[1], p[2]} }

// tally is a colour, and how many pixels have it.
type tally struct {
	rgb
	n int
}

// countColours counts the pixels of each colour, and tells whether some are
// transparent. The order is that of the colours.
func countColours(img *image.RGBA) (colours []tally, holes bool) {
	counts := map[rgb]int{}
	for i := 0; i+3 < len(img.Pix); i += 4 {
		if img.Pix[i+3] < 128 {
			holes = true
			continue
		}
		counts[key(img.Pix[i:])]++
	}
	for c, n := range counts {
		colours = append(colours, tally{c, n})
	}
	slices.SortFunc(colours, func(a, b tally) int { return slices.Compare(a.rgb[:], b.rgb[:]) })
	return colours, holes
}

// exactIndex numbers the colours, unless there are too many.
func exactIndex(colours []tally) map[rgb]uint8 {
	if len(colours) > mostColours {
		return nil
	}
	index := map[rgb]uint8{}
	for i, c := range colours {
		index[c.rgb] = uint8(i)
	}
	return index
}

func exactPalette(colours []tally, index map[rgb]uint8) color.Palette {
	palette := color.Palette{}
	if index != nil {
		for _, c := range colours {
			palette = append(palette, color.RGBA{c.rgb[0], c.rgb[1], c.rgb[2], 255})
		}
	}
	return palette
}

// medianCut splits the set of colours at the median of its widest channel, the
// widest set first, until there are n sets.
func medianCut(colours []tally, n int) (color.Palette, map[rgb]uint8) {
	sets := []set{newSet(colours)}
	for len(sets) < n {
		widest := slices.MaxFunc(sets, func(a, b set) int { return cmp.Compare(a.width, b.width) })
		if widest.width == 0 {
			break
		}
		i := slices.IndexFunc(sets, func(s set) bool { return s.width == widest.width })
		a, b := sets[i].split()
		sets[i] = a
		sets = append(sets, b)
	}
	palette, index := color.Palette{}, map[rgb]uint8{}
	for i, s := range sets {
		palette = append(palette, s.average())
		for _, c := range s.colours {
			index[c.rgb] = uint8(i)
		}
	}
	return palette, index
}

// set is a number of colours that are near each other.
type set struct {
	colours []tally
	channel int // in which they differ most
	width   int // how much
}

func newSet(colours []tally) set {
	s := set{colours: colours}
	for ch := range 3 {
		low, high := uint8(255), uint8(0)
		for _, c := range colours {
			low, high = min(low, c.rgb[ch]), max(high, c.rgb[ch])
		}
		if w := int(high) - int(low); w > s.width {
			s.channel, s.width = ch, w
		}
	}
	return s
}

// split cuts a set in two of about as many pixels.
func (s set) split() (a, b set) {
	slices.SortStableFunc(s.colours, func(a, b tally) int { return cmp.Compare(a.rgb[s.channel], b.rgb[s.channel]) })
	pixels := 0
	for _, c := range s.colours {
		pixels += c.n
	}
	at, seen := 0, 0
	for at < len(s.colours)-1 && seen < (pixels+1)/2 {
		seen += s.colours[at].n
		at++
	}
	at = max(at, 1)
	return newSet(s.colours[:at]), newSet(s.colours[at:])
}

func (s set) average() color.RGBA {
	var sum [3]int
	pixels := 0
	for _, c := range s.colours {
		pixels += c.n
		for ch := range sum {
			sum[ch] += int(c.rgb[ch]) * c.n
		}
	}
	return color.RGBA{uint8(sum[0] / pixels), uint8(sum[1] / pixels), uint8(sum[2] / pixels), 255}
}
