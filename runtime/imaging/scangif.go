package imaging

// gifFrames counts the frames that are whole.
func gifFrames(data []byte) int {
	const header = 13
	if len(data) < header {
		return 0
	}
	frames := 0
	for p := header + colorTable(data[10]); p >= 0 && p < len(data); {
		switch data[p] {
		case '!': // an extension: a label, then blocks
			p = skipBlocks(data, p+2)
		case ',': // a frame: a descriptor, colours, a code size, then blocks
			if p+10 > len(data) {
				return frames
			}
			if p = skipBlocks(data, p+10+colorTable(data[p+9])+1); p >= 0 {
				frames++
			}
		default:
			return frames
		}
	}
	return frames
}

// colorTable returns the length of the colour table that flags announce.
func colorTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// skipBlocks returns the offset behind a sequence of GIF blocks, -1 when it does
// not end.
func skipBlocks(data []byte, p int) int {
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
