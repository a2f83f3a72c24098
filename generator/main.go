// Command generator writes the Go packages of an API from its OpenAPI
// specification: the service interface and its models, a client, a filter
// encoder, a server and a mock.
//
// Usage: go run ./generator [-spec FILE] [-out FOLDER] [-root IMPORTPATH] [-fake IMPORTPATH]
//
// or, for a package made from the JSON Schema of one's own metadata:
//
//	go run ./generator metadata -schema FILE [-package NAME] [-type NAME] [-out FOLDER]
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/cfimages/cfimages/generator/internal/emit"
	"github.com/cfimages/cfimages/generator/internal/emit/apigen"
	"github.com/cfimages/cfimages/generator/internal/emit/clientgen"
	"github.com/cfimages/cfimages/generator/internal/emit/filtergen"
	"github.com/cfimages/cfimages/generator/internal/emit/mockgen"
	"github.com/cfimages/cfimages/generator/internal/emit/servergen"
	"github.com/cfimages/cfimages/generator/internal/write"
)

// artefacts are what the generator writes. A new one is a package below
// internal/emit and a row here.
var artefacts = []struct {
	name, does string
	emit       emit.Emitter
}{
	{"api", "the service in Go: interface, models, inputs, errors, operation table", apigen.Emit},
	{"client", "the service over HTTP", clientgen.Emit},
	{"filter", "typed metadata filters", filtergen.Emit},
	{"server", "any implementation of the service over HTTP", servergen.Emit},
	{"mock", "a double of the service for tests", mockgen.Emit},
}

func main() {
	metadataMain(os.Args[1:])
	flags := flag.NewFlagSet("generator", flag.ExitOnError)
	spec := flags.String("spec", "spec/images.yaml", "the OpenAPI 3.0 `file`; oapi-codegen.{models,server}.yaml lie beside it")
	out := flags.String("out", "gen", "the `folder` to write; generated files in it that are no longer made are removed")
	root := flags.String("root", "github.com/cfimages/cfimages/gen", "the import `path` of that folder")
	fake := flags.String("fake", "github.com/cfimages/cfimages/runtime/fake", "the import `path` of the stateful fake behind the mock; empty for none")
	flags.Usage = func() { usage(flags) }
	_ = flags.Parse(os.Args[1:])

	if err := run(*spec, *out, emit.Target{Root: *root, Fake: *fake}, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run is the whole machine: read, understand, write.
func run(spec, out string, t emit.Target, report io.Writer) error {
	files, err := Generate(spec, t)
	if err != nil {
		return err
	}
	if err := write.Write(out, files); err != nil {
		return err
	}
	return table(report, out, files)
}
