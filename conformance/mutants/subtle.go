package mutants

import (
	"slices"
	"strings"
)

// subtleMutants go wrong quietly: in one operation of several, at one end of a
// limit, for some names only, or the second time.
func subtleMutants() []mutant {
	return slices.Concat(subtleUploads(), subtleLists(), subtleFilters(), subtleDrafts(), subtleImages(), subtleAccounts(),
		subtleOthers())
}

// rewrite edits the fields of a form, which stays as it was sent unless one of
// them was changed. A field whose name becomes empty is dropped.
func (c *call) rewrite(edit func(f *field) bool) {
	var kept []field
	changed := false
	for _, f := range c.fields() {
		changed = edit(&f) || changed
		if f.name != "" {
			kept = append(kept, f)
		}
	}
	if changed {
		c.setFields(kept)
	}
}

// refusing is a mutant that refuses what it should not.
func refusing(id, class, text, killers string, status, code int, bad func(c *call) bool) mutant {
	return answering(id, class, text, killers, func(c *call) bool {
		if !bad(c) {
			return false
		}
		c.refuse(status, code)
		return true
	})
}

// rewriting is a mutant that stores another text than it was sent, in uploads.
func rewriting(id, class, text, killers, name string, edit func(body string) string) mutant {
	return asking(id, class, text, killers, func(c *call) {
		if c.upload() {
			c.retext(name, edit)
		}
	})
}

// retext replaces the text of a field.
func (c *call) retext(name string, edit func(body string) string) {
	c.rewrite(func(f *field) bool {
		before := f.body
		if f.name == name && !f.file {
			f.body = edit(f.body)
		}
		return f.body != before
	})
}

// without drops a field of the form.
func (c *call) without(name string) {
	c.rewrite(func(f *field) bool {
		if f.name != name {
			return false
		}
		f.name = ""
		return true
	})
}

// answered is a mutant that changes what some requests are answered, if that
// is a success.
func answered(id, class, text, killers string, about func(c *call) bool, edit func(result object)) mutant {
	return changing(id, class, text, killers, func(c *call, status int, o object) int {
		if r, ok := o["result"].(object); ok && status == 200 && about(c) {
			edit(r)
		}
		return status
	})
}

func uploads(c *call) bool { return c.upload() }

// recoded is a mutant that answers refusals of some requests with another
// status or code.
func recoded(id, text, killers string, about func(c *call) bool, status, code, as, asCode int) mutant {
	return answering(id, "status", text, killers, func(c *call) bool {
		rec := c.ask()
		if about(c) && rec.Code == status && strings.Contains(rec.Body.String(), `"code":`+jsonOf(code)) {
			c.refuse(as, asCode)
			return true
		}
		c.give(rec)
		return true
	})
}
