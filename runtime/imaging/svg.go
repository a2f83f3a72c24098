package imaging

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Sanitise returns an SVG without whatever could run, load something from
// elsewhere or lead away: scripts, event handlers, foreign objects, external
// references, hyperlinks. [documented] What is not known to be harmless is left
// out; comments, processing instructions and document types are, too. The error
// wraps [ErrDamaged] when the document is not well formed.
func Sanitise(data []byte) ([]byte, error) {
	s := &sanitiser{}
	d := newXML(bytes.NewReader(data))
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = s.token(token)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	if len(s.open) > 0 || !s.rooted {
		return nil, fmt.Errorf("%w: an element is not closed", ErrDamaged)
	}
	return s.out.Bytes(), nil
}

const (
	svgNamespace   = "http://www.w3.org/2000/svg"
	xlinkNamespace = "http://www.w3.org/1999/xlink"
)

type sanitiser struct {
	out    bytes.Buffer
	open   []element
	rooted bool // there was a root
	hidden int  // elements around that are left out with all they hold
}

type element struct {
	name xml.Name
	// how it is written
	fate fate
	css  bytes.Buffer // of a style element
}

type fate uint8

const (
	kept      fate = iota
	unwrapped      // what is inside stays
	dropped        // nothing stays
)

var errNotSVG = errors.New("it is not an svg element")

func (s *sanitiser) token(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return s.start(t)
	case xml.EndElement:
		return s.end(t)
	case xml.CharData:
		s.text(t)
	}
	return nil
}

func (s *sanitiser) start(t xml.StartElement) error {
	if len(s.open) == 0 {
		if s.rooted || t.Name.Local != "svg" {
			return errNotSVG
		}
		s.rooted = true
	}
	e := element{name: t.Name, fate: judge(t)}
	s.open = append(s.open, e)
	switch {
	case e.fate == dropped:
		s.hidden++
	case e.fate == kept && s.hidden == 0:
		s.write(t, len(s.open) == 1)
	}
	return nil
}

// judge decides over an element.
func judge(t xml.StartElement) fate {
	if t.Name.Space != "" && t.Name.Space != "svg" {
		return dropped
	}
	switch {
	case t.Name.Local == "a":
		return unwrapped
	case !svgElements[t.Name.Local]:
		return dropped
	case animations[t.Name.Local] && !harmlessTarget(t.Attr):
		return dropped
	}
	return kept
}

// harmlessTarget reports whether an animation changes nothing that could load or
// run something.
func harmlessTarget(attrs []xml.Attr) bool {
	for _, a := range attrs {
		if a.Name.Local == "attributeName" && (!svgAttributes[a.Value] || a.Value == "style") {
			return false
		}
	}
	return true
}

func (s *sanitiser) write(t xml.StartElement, root bool) {
	s.out.WriteString("<" + t.Name.Local)
	if root {
		s.out.WriteString(` xmlns="` + svgNamespace + `" xmlns:xlink="` + xlinkNamespace + `"`)
	}
	var seen []string
	for _, a := range t.Attr {
		name, ok := attribute(t.Name.Local, a)
		if !ok || slices.Contains(seen, name) {
			continue
		}
		seen = append(seen, name)
		s.out.WriteString(" " + name + `="`)
		_ = xml.EscapeText(&s.out, []byte(a.Value)) // into memory
		s.out.WriteByte('"')
	}
	s.out.WriteByte('>')
}

func (s *sanitiser) end(t xml.EndElement) error {
	n := len(s.open) - 1
	if n < 0 || s.open[n].name != t.Name {
		return fmt.Errorf("</%s> closes no element", t.Name.Local)
	}
	e := &s.open[n]
	if e.fate == dropped {
		s.hidden--
	}
	if e.fate == kept && s.hidden == 0 {
		if css := e.css.String(); css != "" && harmlessCSS(css) {
			_ = xml.EscapeText(&s.out, []byte(css)) // into memory
		}
		s.out.WriteString("</" + t.Name.Local + ">")
	}
	s.open = s.open[:n]
	return nil
}

// text keeps text, that of a style element until all of it is known.
func (s *sanitiser) text(t xml.CharData) {
	if s.hidden > 0 || len(s.open) == 0 {
		return
	}
	if e := &s.open[len(s.open)-1]; e.name.Local == "style" {
		e.css.Write(t)
		return
	}
	_ = xml.EscapeText(&s.out, t) // into memory
}

// attribute returns the name of an attribute that is kept.
func attribute(element string, a xml.Attr) (string, bool) {
	local := a.Name.Local
	switch a.Name.Space {
	case "xml":
		return "xml:" + local, local == "space" || local == "lang"
	case "xlink", "":
		if local == "href" {
			return strings.TrimPrefix(a.Name.Space+":href", ":"), harmlessReference(element, a.Value)
		}
	}
	if a.Name.Space != "" || !svgAttributes[local] && !strings.HasPrefix(local, "data-") && !strings.HasPrefix(local, "aria-") {
		return "", false
	}
	return local, harmlessCSS(a.Value)
}

// harmlessReference lets an element refer to another one of the same document,
// and an image hold its own data.
func harmlessReference(element, value string) bool {
	value = strings.TrimSpace(value)
	if strings.HasPrefix(value, "#") {
		return true
	}
	if element != "image" && element != "feImage" {
		return false
	}
	for _, kind := range []string{"png", "jpeg", "jpg", "gif", "webp"} {
		if strings.HasPrefix(value, "data:image/"+kind+";base64,") {
			return true
		}
	}
	return false
}

// harmlessCSS reports whether a style sheet, or the value of an attribute, refers
// to nothing but the document.
func harmlessCSS(css string) bool {
	css = strings.ToLower(css)
	for _, bad := range []string{`\`, "@import", "@charset", "expression(", "javascript:", "-moz-binding", "behavior:", "image(", "image-set(", "src("} {
		if strings.Contains(css, bad) {
			return false
		}
	}
	for {
		var found bool
		if _, css, found = strings.Cut(css, "url("); !found {
			return true
		}
		if !strings.HasPrefix(strings.TrimLeft(css, " \t\r\n\"'"), "#") {
			return false
		}
	}
}
