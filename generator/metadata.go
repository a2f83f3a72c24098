package main

import (
	"errors"
	"flag"
	"fmt"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/cfimages/cfimages/generator/internal/emit"
	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/load"
	"github.com/cfimages/cfimages/generator/internal/lower"
	"github.com/cfimages/cfimages/generator/internal/metadata"
	"github.com/cfimages/cfimages/generator/internal/write"
	"github.com/cfimages/cfimages/spec"
)

// schemaOptions is what one run of the subcommand is told.
type schemaOptions struct {
	// Schema is a file, and behind # where in it the schema is.
	Schema string
	// Spec is the OpenAPI file of the service; empty for the module's own.
	Spec                     string
	Package, Type, Out, Root string
}

// metadataMain runs the subcommand metadata and exits, if args name it.
func metadataMain(args []string) {
	if len(args) == 0 || args[0] != "metadata" {
		return
	}
	switch err := runMetadata(args[1:], os.Stdout, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func runMetadata(args []string, report, help io.Writer) error {
	var o schemaOptions
	flags := flag.NewFlagSet("generator metadata", flag.ContinueOnError)
	flags.SetOutput(help)
	flags.StringVar(&o.Schema, "schema", "", "the JSON Schema, JSON or YAML: `FILE`, or FILE#/pointer/to/it, as into an OpenAPI file")
	flags.StringVar(&o.Package, "package", "", "the `name` of the package; the last part of -out unless given")
	flags.StringVar(&o.Type, "type", "", "the `name` of the struct; that of the package unless given")
	flags.StringVar(&o.Out, "out", ".", "the `folder` to write one file into, metadata.gen.go")
	flags.StringVar(&o.Spec, "spec", "", "the OpenAPI `file` with the filter language; the module's own unless given")
	flags.StringVar(&o.Root, "root", "github.com/cfimages/cfimages/gen", "the import `path` of the packages written from that")
	flags.Usage = func() { metadataUsage(flags) }
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.Schema == "" || flags.NArg() > 0 {
		flags.Usage()
		return errors.New("metadata: -schema is needed, and nothing beside flags")
	}
	if err := o.complete(); err != nil {
		return err
	}
	f, err := GenerateMetadata(o)
	if err != nil {
		return err
	}
	path := filepath.Join(o.Out, f.Path)
	if err := write.File(path, f.Content); err != nil {
		return err
	}
	_, err = fmt.Fprintln(report, path)
	return err
}

// complete fills in the names that follow from others, and checks them.
func (o *schemaOptions) complete() error {
	if o.Package == "" {
		abs, err := filepath.Abs(o.Out)
		if err != nil {
			return err
		}
		o.Package = filepath.Base(abs)
	}
	if o.Type == "" {
		o.Type = goname.Exported(o.Package)
	}
	if !token.IsIdentifier(o.Package) || o.Package == "_" {
		return fmt.Errorf("metadata: -package %q is not a Go name", o.Package)
	}
	if !token.IsIdentifier(o.Type) || !token.IsExported(o.Type) {
		return fmt.Errorf("metadata: -type %q is not an exported Go name", o.Type)
	}
	if o.Type == metadata.DecodeFunc {
		return fmt.Errorf("metadata: -type %s is the name of the function that reads it", o.Type)
	}
	return nil
}

// GenerateMetadata returns the file of a package that is made from a schema,
// without writing it. The error holds all mistakes of the schema, each with its
// position.
func GenerateMetadata(o schemaOptions) (emit.File, error) {
	service, err := serviceOf(o.Spec)
	if err != nil {
		return emit.File{}, err
	}
	file, pointer, inside := strings.Cut(o.Schema, "#")
	text, err := os.ReadFile(file)
	if err != nil {
		return emit.File{}, err
	}
	root, err := load.Text(file, text)
	if !root.Ok() {
		return emit.File{}, err
	}
	use := root
	if inside {
		if use = root.Lookup("#" + pointer); !use.Ok() {
			return emit.File{}, fmt.Errorf("%s: #%s leads nowhere", file, pointer)
		}
	} else if root.Get("openapi").Ok() {
		return emit.File{}, fmt.Errorf("%s: say which schema of the OpenAPI file: %[1]s#/components/schemas/NAME", file)
	}
	model, lowerErr := metadata.Lower(use, service, o.Package, o.Type)
	if err := together(err, lowerErr); err != nil {
		return emit.File{}, err
	}
	model.Source = filepath.Base(o.Schema)
	return metadata.Emit(model, emit.Target{Root: o.Root})
}

// together sorts the problems of both errors into one.
func together(errs ...error) error {
	var all load.Problems
	for _, err := range errs {
		if problems, ok := errors.AsType[load.Problems](err); ok {
			all = append(all, problems...)
		} else if err != nil {
			return err
		}
	}
	return all.Err()
}

// serviceOf reads what the specification says about metadata.
func serviceOf(path string) (metadata.Service, error) {
	text := spec.Images
	if path == "" {
		path = "images.yaml"
	} else {
		var err error
		if text, err = os.ReadFile(path); err != nil {
			return metadata.Service{}, err
		}
	}
	doc, err := load.Load(path, text)
	if err != nil {
		return metadata.Service{}, err
	}
	api, err := lower.Lower(doc)
	if err != nil {
		return metadata.Service{}, err
	}
	return metadata.ServiceOf(doc, api)
}

func metadataUsage(flags *flag.FlagSet) {
	w := flags.Output()
	fmt.Fprint(w, `Writes a Go package from the JSON Schema of your own metadata: a struct with
conversions from and to what the API takes, and a variable for each field that
makes filter terms of the field's type.

Usage: go run ./generator metadata -schema FILE [flags]

In a module of your own that requires this one:
  go run -mod=mod github.com/cfimages/cfimages/generator metadata -schema FILE [flags]

Flags:
`)
	flags.PrintDefaults()
	fmt.Fprint(w, `
The schema is an object of strings, integers, numbers, booleans, enums of
strings, arrays of these, and objects, as deep as a filter reaches:
  integer, number      int64, float64
  enum                 a type of its own with a constant for each value
  not in required      a pointer, left out when nil; a list is left out when nil
  null beside a type   a pointer, null when nil unless it is left out
  array                a slice; its handle has the operators that search a list.
                       Null in an array, or instead of it, is not kept
  format date-time     a string, as JSON has it; other formats say nothing here
  additionalProperties may be true or false; other members are not kept
  $ref                 within the file; types are named after what it leads to
`)
	fmt.Fprintln(w, "\nIgnored:")
	for _, k := range metadata.Ignored {
		fmt.Fprintf(w, "  %s\n      (%s)\n", fold(k.Words), k.Why)
	}
	fmt.Fprintf(w, "  every x- keyword\n\nRefused:\n")
	for _, k := range metadata.Refused {
		fmt.Fprintf(w, "  %s\n      (%s)\n", fold(k.Words), k.Why)
	}
	fmt.Fprint(w, `  additionalProperties with a schema, and every keyword not named here

A mistake is reported as file:line:col: message, all at once, and nothing is
written then.
`)
}

// fold breaks words into indented lines.
func fold(words []string) string {
	var b strings.Builder
	col := 0
	for i, word := range words {
		switch {
		case i > 0 && col+1+len(word) > 74:
			b.WriteString("\n  ")
			col = 0
		case i > 0:
			b.WriteString(" ")
			col++
		}
		b.WriteString(word)
		col += len(word)
	}
	return b.String()
}
