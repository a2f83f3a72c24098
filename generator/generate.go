package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"text/tabwriter"

	"github.com/cfimages/cfimages/generator/internal/emit"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
	"github.com/cfimages/cfimages/generator/internal/lower"
	"github.com/cfimages/cfimages/generator/internal/oapi"
)

// Generate returns every file without writing any. The error holds all
// mistakes of the specification, each with its position.
func Generate(spec string, t emit.Target) ([]emit.File, error) {
	text, err := os.ReadFile(spec)
	if err != nil {
		return nil, err
	}
	doc, err := load.Load(spec, text)
	if err != nil {
		return nil, err
	}
	api, err := lower.Lower(doc)
	if err != nil {
		return nil, err
	}
	// Generated files name the specification, wherever it was read from.
	api.Source = filepath.Base(spec)
	files, err := types(doc, api, filepath.Dir(spec), t)
	if err != nil {
		return nil, err
	}
	for _, a := range artefacts {
		made, err := a.emit(api, t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.name, err)
		}
		files = append(files, made...)
	}
	return files, nil
}

// types are the files that oapi-codegen writes, as its own configurations
// beside the specification tell it to.
func types(doc *load.Document, api *ir.API, dir string, t emit.Target) ([]emit.File, error) {
	var files []emit.File
	for _, f := range []struct {
		config, path, doc string
		write             func(*load.Document, *ir.API, oapi.Options) ([]byte, error)
	}{
		{"oapi-codegen.models.yaml", "api/models.gen.go", "", oapi.Models},
		{
			"oapi-codegen.server.yaml", "server/strict/strict.gen.go",
			"Package strict has the routes, the parameter binding and the response types below package server.", oapi.Server,
		},
	} {
		config, err := os.ReadFile(filepath.Join(dir, f.config))
		if err != nil {
			return nil, err
		}
		content, err := f.write(doc, api, oapi.Options{
			Config: config, Doc: f.doc, Contract: emit.Runtime + "/contract", API: t.Path("api"),
		})
		if err != nil {
			return nil, err
		}
		files = append(files, emit.File{Path: f.path, Content: content})
	}
	return files, nil
}

func usage(flags *flag.FlagSet) {
	w := flags.Output()
	fmt.Fprintln(w, "Writes the Go packages of an API from its OpenAPI specification.")
	fmt.Fprintln(w, "\nUsage: go run ./generator [flags]\n\nFlags:")
	flags.PrintDefaults()
	fmt.Fprintln(w, "\nWrites below the output folder:")
	for _, a := range artefacts {
		fmt.Fprintf(w, "  %-8s %s\n", a.name, a.does)
	}
	fmt.Fprintln(w, "\nA mistake in the specification is reported as file:line:col: message, all at once, and nothing is written.")
}

// table reports what was written, a line a package.
func table(w io.Writer, out string, files []emit.File) error {
	type row struct {
		dir          string
		files, lines int
	}
	var rows []row
	at := map[string]int{}
	for _, f := range files {
		dir := path.Join(filepath.ToSlash(out), path.Dir(f.Path))
		if _, ok := at[dir]; !ok {
			at[dir] = len(rows)
			rows = append(rows, row{dir: dir})
		}
		r := &rows[at[dir]]
		r.files++
		for _, c := range f.Content {
			if c == '\n' {
				r.lines++
			}
		}
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "package\tfiles\tlines")
	for _, r := range rows {
		fmt.Fprintf(tw, "%s\t%d\t%d\n", r.dir, r.files, r.lines)
	}
	return tw.Flush()
}
