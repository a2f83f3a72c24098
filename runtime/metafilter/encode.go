package metafilter

// AppendTo appends the filter as escaped query parameters, without a leading or trailing "&":
//
//	meta.status%5Beq%3Astring%5D=active&meta.rating%5Bgte%3Anumber%5D=3
//
// Everything but the unreserved characters of RFC 3986 is escaped, a space as %20. A filter with no terms or with an
// error appends nothing.
func (f Filter) AppendTo(b []byte) []byte {
	for i := range f.terms {
		if i > 0 {
			b = append(b, '&')
		}
		b = f.terms[i].appendTo(b, &wire)
	}
	return b
}

// String gives the text form, made for people and files: the same parameters with only those characters escaped that
// would be read as something else, such as & + and %.
//
//	meta.status[eq:string]=active&meta.region.name[in]=eu|us
//
// [Grammar.ParseText] and [Grammar.Parse] read back exactly the filter it was made from. A filter with an error gives "".
func (f Filter) String() string {
	if len(f.terms) == 0 {
		return ""
	}
	var buf [256]byte
	b := buf[:0]
	for i := range f.terms {
		if i > 0 {
			b = append(b, '&')
		}
		b = f.terms[i].appendTo(b, &readable)
	}
	return string(b)
}

// String gives the term in the text form of [Filter.String], "" for an invalid term.
func (t Term) String() string {
	if t.op == nil {
		return ""
	}
	return string(t.appendTo(nil, &readable))
}

// appendTo spells one parameter, with the characters outside plain escaped.
func (t *Term) appendTo(b []byte, plain *charset) []byte {
	b = plain.escape(b, t.g.Prefix)
	b = append(b, '.')
	b = plain.escape(b, t.path)
	b = plain.escape(b, "[")
	b = plain.escape(b, t.op.Name)
	if t.typ != Untyped {
		b = plain.escape(b, ":")
		b = plain.escape(b, t.typ.String())
	}
	b = plain.escape(b, "]")
	// The sign between name and value is the only one of its kind: in a name it is escaped by both character sets.
	b = append(b, '=')
	for i := range t.values {
		if i > 0 {
			b = plain.escape(b, t.g.Separator)
		}
		b = plain.escape(b, t.values[i].text)
	}
	return b
}
