package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const hookPath = "github.com/cfimages/cfimages/conformance/internal/assertcut/hook"

// instrument writes copies of the suite's files in which every assertion asks
// whether it is to be made, and an overlay that puts them in the place of the
// suite. It returns the assertions.
func instrument(dir, out string) (sites []site, overlay string, err error) {
	sources, err := read(dir)
	if err != nil {
		return nil, "", err
	}
	replace := map[string]string{}
	names := checks(parsed(sources))
	for _, src := range sources {
		found := src.sites(names)
		if len(found) == 0 {
			continue
		}
		for i := range found {
			found[i].ID = len(sites) + i
		}
		to := filepath.Join(out, src.name)
		if err := os.WriteFile(to, rewritten(src.text, found), 0o600); err != nil {
			return nil, "", err
		}
		replace[src.path] = to
		sites = append(sites, found...)
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, "", err
	}
	overlay = filepath.Join(out, "overlay.json")
	return sites, overlay, os.WriteFile(overlay, text, 0o600)
}

// source is a file of the suite.
type source struct {
	name, path string
	text       []byte
	fset       *token.FileSet
	file       *ast.File
}

// read parses the files of a package that are no tests.
func read(dir string) (list []source, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		src := source{name: filepath.Base(path), fset: token.NewFileSet()}
		if src.path, err = filepath.Abs(path); err != nil {
			return nil, err
		}
		if src.text, err = os.ReadFile(path); err != nil {
			return nil, err
		}
		if src.file, err = parser.ParseFile(src.fset, path, src.text, parser.SkipObjectResolution); err != nil {
			return nil, err
		}
		list = append(list, src)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("there is no Go in %s", dir)
	}
	return list, nil
}

func parsed(sources []source) (files []*ast.File) {
	for _, src := range sources {
		files = append(files, src.file)
	}
	return files
}

func (src source) sites(names map[string]bool) []site {
	f := finder{fset: src.fset, names: names, text: src.text, file: src.name}
	f.find(src.file)
	slices.SortFunc(f.sites, func(a, b site) int { return a.from - b.from })
	return f.sites
}

// rewritten replaces each assertion A of x and y by
//
//	if hook.Enter(1) { A; hook.Leave(1) } else { hook.Use(x, y) }
//
// Assertions do not hold others.
func rewritten(text []byte, sites []site) []byte {
	var b strings.Builder
	at := 0
	for _, s := range sites {
		b.Write(text[at:s.from])
		var used []string
		for _, o := range s.operands {
			used = append(used, string(text[o[0]:o[1]]))
		}
		fmt.Fprintf(&b, "if cutHook.Enter(%d) { %s; cutHook.Leave(%d) } else { cutHook.Use(%s) }",
			s.ID, text[s.from:s.to], s.ID, strings.Join(used, ", "))
		at = s.to
	}
	b.Write(text[at:])
	return []byte(strings.Replace(b.String(), "package conformance\n", "package conformance; import cutHook \""+hookPath+"\"\n", 1))
}
