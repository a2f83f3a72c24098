package form

import "bytes"

// header is what the header of a part says.
type header struct {
	disposition, contentType string
}

// field returns where a header field is kept, nil when it is of no interest.
func (h *header) field(name []byte) *string {
	switch {
	case bytes.EqualFold(name, []byte("Content-Disposition")):
		return &h.disposition
	case bytes.EqualFold(name, []byte("Content-Type")):
		return &h.contentType
	default:
		return nil
	}
}

// header reads the header of a part, after which its content begins. Of a field
// that occurs twice the first counts.
func (p *parts) header() (header, error) {
	var h header
	var last *string // which a folded line continues
	for size, first := 0, true; ; first = false {
		line, err := p.line()
		if err != nil {
			return h, err
		}
		if size += len(line); size > p.maxHeader {
			return h, errHeader
		}
		line, ended := bytes.CutSuffix(line, []byte("\n"))
		if !ended {
			return h, p.broken()
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		switch {
		case len(line) == 0:
			p.inside, p.fresh = true, true
			return h, nil
		case !printable(line), first && blank(line[0]):
			return h, errForm
		case blank(line[0]):
			fold(last, line)
		default:
			if last, err = h.add(line); err != nil {
				return h, err
			}
		}
	}
}

// add reads a line of the header. It returns where its value is kept, if it is.
func (h *header) add(line []byte) (*string, error) {
	name, value, ok := bytes.Cut(line, []byte(":"))
	if !ok || len(name) == 0 || bytes.ContainsFunc(name, notInToken) {
		return nil, errForm
	}
	kept := h.field(name)
	if kept == nil || *kept != "" {
		return nil, nil
	}
	*kept = string(bytes.Trim(value, " \t"))
	return kept, nil
}

// fold adds a continued line to a value.
func fold(value *string, line []byte) {
	if value != nil {
		*value += " " + string(bytes.Trim(line, " \t"))
	}
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// printable reports whether a line is without control characters.
func printable(line []byte) bool {
	for _, c := range line {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// notInToken reports whether r cannot be in a field's name (RFC 9110, 5.6.2).
func notInToken(r rune) bool {
	return r <= ' ' || r >= 0x7f || bytes.ContainsRune([]byte("\"(),/:;<=>?@[\\]{}"), r)
}
