package gifblock

import "testing"

func TestColourTable(t *testing.T) {
	t.Parallel()
	for flags, want := range map[byte]int{0: 0, 0x7f: 0, 0x80: 6, 0x81: 12, 0xf7: 768, 0xff: 768} {
		if got := ColourTable(flags); got != want {
			t.Errorf("%#x: %d, want %d", flags, got, want)
		}
	}
}

func TestSkip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		data string
		p    int
		want int
	}{
		{"\x00", 0, 1}, {"\x02ab\x01c\x00z", 0, 6}, {"\x02ab\x01c\x00z", 3, 6}, {"", 0, -1}, {"\x00", 5, -1},
		{"\x02ab", 0, -1}, {"\x05ab\x00", 0, -1},
	} {
		if got := Skip([]byte(c.data), c.p); got != c.want {
			t.Errorf("%q from %d: %d, want %d", c.data, c.p, got, c.want)
		}
	}
}
