package main

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// site is an assertion that can be taken out.
type site struct {
	ID   int    `json:"id"`
	File string `json:"file"`
	Line int    `json:"line"`
	Func string `json:"func"`
	// Text is the assertion as it is written, on one line.
	Text string `json:"text"`
	// Complaint says that it is noticed later: it adds to a list of problems.
	Complaint bool `json:"complaint"`
	// from and to are offsets in the file, operands the ranges of what the
	// assertion looks at.
	from, to int
	operands [][2]int
}

// expectations end a chain that begins with Expect.
var expectations = []string{"To", "NotTo", "ToNot", "Should", "ShouldNot"}

// roots are the calls all others come down to.
var roots = []string{"demand", "none", "fail", "failf", "wrong"}

// steps make something for the rest of the clause and are no assertions, though
// they hold some.
var steps = []string{
	"stored", "several", "draft", "deleted", "edited", "uploads", "created", "inTime", "fill", "take", "upload", "turn",
	"newVariant", "wait", "atOnce", "do", "post", "put", "create", "record", "fail", "failf", "write", "add",
	"foresee", "note", "unlessStopped", "text", "tell", "learn", "end", "recognize", "exchange", "direct", "broken", "touch",
	"stranger",
}

// endless are functions whose assertions end a loop.
var endless = []string{"eventually", "attempt"}

// checks returns the names of the functions that assert, directly or through
// others.
func checks(files []*ast.File) map[string]bool {
	names := map[string]bool{}
	for _, name := range roots {
		names[name] = true
	}
	for grown := true; grown; {
		grown = false
		for _, f := range files {
			for _, fn := range functions(f) {
				if !names[fn.name] && asserts(fn.body, names) {
					names[fn.name], grown = true, true
				}
			}
		}
	}
	return names
}

// function is a function with a name. Two of a file may have the same.
type function struct {
	name string
	body *ast.BlockStmt
}

// functions returns a file's functions, those included that are given a name
// where they are written.
func functions(f *ast.File) (named []function) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			named = append(named, function{n.Name.Name, n.Body})
		case *ast.AssignStmt:
			if lit, ok := n.Rhs[0].(*ast.FuncLit); ok && len(n.Lhs) == 1 {
				if id, ok := n.Lhs[0].(*ast.Ident); ok {
					named = append(named, function{id.Name, lit.Body})
				}
			}
		}
		return true
	})
	return named
}

func asserts(body *ast.BlockStmt, names map[string]bool) (found bool) {
	if body == nil {
		return false
	}
	ast.Inspect(body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			found = found || expectation(call) || names[called(call)]
		}
		return !found
	})
	return found
}

// called returns the name a call is made by.
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.IndexExpr:
		return called(&ast.CallExpr{Fun: f.X})
	}
	return ""
}

// expectation reports whether a call ends a chain such as Expect(x).To(y).
func expectation(call *ast.CallExpr) bool {
	return slices.Contains(expectations, called(call)) && subject(call) != nil
}

// subject returns the call of Expect a chain begins with.
func subject(call *ast.CallExpr) *ast.CallExpr {
	for {
		if called(call) == "Expect" {
			return call
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		inner, ok := selector.X.(*ast.CallExpr)
		if !ok {
			return nil
		}
		call = inner
	}
}

// finder collects the sites of a file.
type finder struct {
	fset  *token.FileSet
	names map[string]bool
	text  []byte
	file  string
	sites []site
	// within is the declaration the finder is in.
	within string
	// soft says that what does not hold does not end the check at once.
	soft bool
}

func (f *finder) find(file *ast.File) {
	for _, d := range file.Decls {
		d, ok := d.(*ast.FuncDecl)
		if !ok || d.Body == nil || slices.Contains(endless, d.Name.Name) {
			continue
		}
		f.within = d.Name.Name
		f.walk(d.Body, seesClause(d.Type, d.Recv) || strings.HasSuffix(strings.ToLower(d.Name.Name), "problems"))
	}
}

// walk looks for assertions where a clause is being checked, not where it is
// being registered.
func (f *finder) walk(n ast.Node, checking bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if called(n) == "all" && !f.soft {
				f.soft = true
				f.walk(n, checking)
				f.soft = false
				return false
			}
		case *ast.FuncLit:
			f.walk(n.Body, checking || seesClause(n.Type, nil))
			return false
		case *ast.ExprStmt:
			if call, ok := n.X.(*ast.CallExpr); ok && checking && f.assertion(call) {
				f.add(n, operands(call))
				f.sites[len(f.sites)-1].Complaint = f.soft || called(call) == "wrong"
			}
		case *ast.AssignStmt:
			if checking && complains(n) {
				f.add(n, nil)
			}
		}
		return true
	})
}

func (f *finder) assertion(call *ast.CallExpr) bool {
	for _, arg := range call.Args {
		if _, ok := arg.(*ast.FuncLit); ok {
			return false
		}
	}
	name := called(call)
	return expectation(call) || f.names[name] && !slices.Contains(steps, name)
}

// complains reports whether a statement adds to a list of problems.
func complains(s *ast.AssignStmt) bool {
	id, ok := s.Lhs[0].(*ast.Ident)
	call, isCall := s.Rhs[0].(*ast.CallExpr)
	return ok && isCall && s.Tok == token.ASSIGN && id.Name == "problems" && called(call) == "append"
}

// seesClause reports whether a function has the clause that is being checked.
func seesClause(t *ast.FuncType, receiver *ast.FieldList) bool {
	for _, list := range []*ast.FieldList{t.Params, receiver} {
		if list == nil {
			continue
		}
		for _, field := range list.List {
			star, ok := field.Type.(*ast.StarExpr)
			if !ok {
				continue
			}
			if id, ok := star.X.(*ast.Ident); ok && (id.Name == "spec" || id.Name == "model") {
				return true
			}
		}
	}
	return false
}

// operands returns what an assertion looks at.
func operands(call *ast.CallExpr) []ast.Expr {
	list := slices.Clone(call.Args)
	if expectation(call) {
		list = append(slices.Clone(subject(call).Args), list...)
	}
	return list
}

func (f *finder) add(n ast.Node, operands []ast.Expr) {
	s := site{File: f.file, Line: f.fset.Position(n.Pos()).Line, Func: f.within, from: f.offset(n.Pos()), to: f.offset(n.End())}
	s.Text = strings.Join(strings.Fields(string(f.text[s.from:s.to])), " ")
	s.Complaint = operands == nil
	for _, o := range operands {
		s.operands = append(s.operands, [2]int{f.offset(o.Pos()), f.offset(o.End())})
	}
	f.sites = append(f.sites, s)
}

func (f *finder) offset(p token.Pos) int { return f.fset.Position(p).Offset }
