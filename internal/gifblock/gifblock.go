// Package gifblock walks over the blocks of a GIF file, by their lengths and not by
// what they hold. It needs no decoder.
package gifblock

// ColourTable returns the length in bytes of the colour table that the flags of a
// file or of a frame announce, 0 for none.
func ColourTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// Skip returns the offset behind the sequence of blocks that begins at p, or -1
// when it does not end. p may lie behind the data.
func Skip(data []byte, p int) int {
	for p < len(data) {
		n := int(data[p])
		p++
		if n == 0 {
			return p
		}
		p += n
	}
	return -1
}
