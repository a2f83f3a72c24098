package lower

import (
	"net/http"
	"regexp"

	"github.com/cfimages/cfimages/generator/internal/ext"
	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
)

// catalogue lowers the errors of the API.
func (l *lowering) catalogue() {
	root := l.doc.Root()
	if !root.Get(ext.KeyErrors).Ok() {
		l.addf(root.Pos(), "%s is missing from the document", ext.KeyErrors)
		return
	}
	entries, _ := ext.Get[[]ext.Error](root, ext.KeyErrors)
	seen := uniques{l: l, first: map[string]load.Position{}}
	for _, e := range entries {
		l.checkError(e, seen)
		if _, twice := l.types["Err"+e.Name]; !twice { // a second name is reported already
			l.declare("Err"+e.Name, e.Node.Get("name").ValuePos())
		}
		l.api.Errors = append(l.api.Errors, ir.Error{
			Name: e.Name, GoName: "Err" + e.Name, Code: e.Code, Status: e.Status, Message: e.Message,
			Evidence: e.Evidence, Role: goname.Exported(e.Role),
		})
	}
	for _, role := range ext.Roles() {
		if _, used := seen.first["role "+role]; !used {
			l.addf(root.Get(ext.KeyErrors).Pos(), "no error has the role %s", role)
		}
	}
}

func (l *lowering) checkError(e ext.Error, seen uniques) {
	if e.Name != "" && !regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`).MatchString(e.Name) {
		l.addf(e.Node.Get("name").ValuePos(), "error name %q is not in CamelCase", e.Name)
	}
	if e.Status != 0 && (e.Status < http.StatusBadRequest || e.Status > 599) {
		l.addf(e.Node.Get("status").ValuePos(), "status %d is not that of an error", e.Status)
	}
	seen.check("error", e.Node.Get("name"))
	seen.check("code", e.Node.Get("code"))
	seen.check("role", e.Node.Get("role"))
}

// uniques finds what is given twice.
type uniques struct {
	l     *lowering
	first map[string]load.Position
}

func (u uniques) check(what string, n load.Node) {
	if !n.Ok() {
		return
	}
	key := what + " " + n.Text()
	if at, twice := u.first[key]; twice {
		u.l.addf(n.ValuePos(), "%s %s is already used on line %d", what, n.Text(), at.Line)
		return
	}
	u.first[key] = n.ValuePos()
}

// errorNames returns the Go names of the catalogue's entries that a list
// names.
func (l *lowering) errorNames(list load.Node) []string {
	var goNames []string
	seen := uniques{l: l, first: map[string]load.Position{}}
	for _, item := range list.Items() {
		seen.check("error", item)
		if name := l.errorName(item); name != "" {
			goNames = append(goNames, name)
		}
	}
	return goNames
}

// errorName returns the Go name of the catalogue's entry that a node names.
func (l *lowering) errorName(n load.Node) string {
	for _, e := range l.api.Errors {
		if e.Name == n.Text() {
			return e.GoName
		}
	}
	if n.Ok() {
		l.addf(n.ValuePos(), "no error is named %q in the catalogue", n.Text())
	}
	return ""
}
