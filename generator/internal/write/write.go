// Package write puts generated files on disk. It is the only stage of the
// generator that touches anything.
package write

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cfimages/cfimages/generator/internal/emit"
)

// suffix is how every generated file ends; nothing else is ever removed.
const suffix = ".gen.go"

// Write makes the folder hold exactly the files given: it writes those that
// differ and removes generated files that are no longer made.
func Write(dir string, files []emit.File) error {
	wanted := map[string]bool{}
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		wanted[path] = true
		if err := writeFile(path, f.Content); err != nil {
			return err
		}
	}
	return clean(dir, wanted)
}

func writeFile(path string, content []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

func clean(dir string, wanted map[string]bool) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || wanted[path] || !strings.HasSuffix(path, suffix) {
			return err
		}
		if err := os.Remove(path); err != nil {
			return err
		}
		return removeEmpty(filepath.Dir(path))
	})
}

// removeEmpty removes a folder that the last removal has emptied.
func removeEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
