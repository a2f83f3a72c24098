// Package realinput knows images that were not made for this project: those of
// the Go distribution and the WebP files of golang.org/x/image.
package realinput

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Sample is an image file.
type Sample struct {
	Path    string
	Name    string // last element of Path
	Kind    string // jpeg, png, gif or webp
	Content []byte
}

// Type is the media type of the sample.
func (s Sample) Type() string { return "image/" + s.Kind }

// sets are the places of samples: a go command that prints a directory, what
// follows it, and the kinds taken from there.
var sets = []struct {
	command []string
	below   string
	kinds   []string
}{
	{[]string{"env", "GOROOT"}, "src/image/testdata", []string{"jpeg", "png", "gif"}},
	{[]string{"list", "-m", "-f", "{{.Dir}}", "golang.org/x/image"}, "testdata", []string{"webp"}},
}

// Samples returns every sample. It is an error when there is none of a kind.
func Samples() ([]Sample, error) {
	var all []Sample
	for _, set := range sets {
		out, err := exec.Command("go", set.command...).Output()
		if err != nil {
			return nil, fmt.Errorf("go %s: %w", strings.Join(set.command, " "), err)
		}
		dir := filepath.Join(strings.TrimSpace(string(out)), set.below)
		for _, kind := range set.kinds {
			some, err := read(dir, kind)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
	}
	return all, nil
}

func read(dir, kind string) ([]Sample, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*."+kind))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s holds no file of kind %s", dir, kind)
	}
	var all []Sample
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		all = append(all, Sample{Path: path, Name: filepath.Base(path), Kind: kind, Content: content})
	}
	return all, nil
}
