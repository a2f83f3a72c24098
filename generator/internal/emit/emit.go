// Package emit is what all emitters share: where the written packages are and
// what an emitter returns. Each artefact has a package of its own below.
package emit

import (
	"bytes"
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
)

// Runtime is the import path of the hand-written packages that generated code
// calls.
const Runtime = "github.com/cfimages/cfimages/runtime"

// Target says where the written packages are.
type Target struct {
	// Root is the import path above the written packages.
	Root string
	// Fake is the import path of the stateful implementation behind the mock;
	// empty when there is none.
	Fake string
}

// Path returns the import path of a written package.
func (t Target) Path(name string) string { return t.Root + "/" + name }

// File is a written file.
type File struct {
	// Path is relative to the output folder, with slashes.
	Path    string
	Content []byte
}

// Emitter writes one artefact.
type Emitter func(api *ir.API, t Target) ([]File, error)

// Render returns the file's source.
func Render(path string, f *jen.File) (File, error) {
	var b bytes.Buffer
	if err := f.Render(&b); err != nil {
		return File{}, fmt.Errorf("%s: %w", path, err)
	}
	return File{Path: path, Content: b.Bytes()}, nil
}

// Source is a file before it is rendered.
type Source struct {
	Path string
	File *jen.File
}

// RenderAll renders the files in the order given.
func RenderAll(sources ...Source) ([]File, error) {
	files := make([]File, 0, len(sources))
	for _, s := range sources {
		f, err := Render(s.Path, s.File)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}
