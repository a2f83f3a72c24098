package seed

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/cfimages/cfimages/gen/api"
)

// maxSide is the size of the largest side file, in bytes.
const maxSide = 1 << 20

// side is what a file beside an image may say about it.
type side struct {
	Metadata          api.Meta `json:"metadata"`
	Creator           *string  `json:"creator"`
	RequireSignedURLs bool     `json:"requireSignedURLs"`
	Filename          string   `json:"filename"`
}

// folder makes a fixture of the images in a folder, in the order of their paths.
func folder(dir, account string) (*Fixture, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	files, err := list(root.FS())
	if err != nil {
		return nil, at(dir, err)
	}
	var a Account
	for _, name := range files {
		img, ok := strings.CutSuffix(name, ".json")
		if ok && files.has(img) {
			continue
		}
		if ok {
			return nil, at(path.Join(dir, name), errors.New("there is no image of this name without .json"))
		}
		image, err := describe(root.FS(), name, files.has(name+".json"))
		if err != nil {
			return nil, at(path.Join(dir, name+".json"), err)
		}
		a.Images = append(a.Images, image)
	}
	return &Fixture{Accounts: map[string]Account{account: a}, dir: dir}, nil
}

// paths are those of files, with slashes, in order.
type paths []string

func (p paths) has(name string) bool {
	_, ok := slices.BinarySearch(p, name)
	return ok
}

// list finds the files that are not hidden.
func list(files fs.FS) (paths, error) {
	var out paths
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		case !entry.Type().IsRegular():
			return at(name, errors.New("it is no regular file"))
		}
		out = append(out, name)
		return nil
	})
	slices.Sort(out) // a walk orders names, not whole paths
	return out, err
}

// describe is the image in a file, with what the file beside it says.
func describe(files fs.FS, name string, more bool) (Image, error) {
	img := Image{ID: name, File: name}
	if !more {
		return img, nil
	}
	text, err := fs.ReadFile(files, name+".json")
	if err != nil {
		return img, err
	}
	if len(text) > maxSide {
		return img, errors.New("it has more than a mebibyte")
	}
	var s side
	if err := decode(text, &s); err != nil {
		return img, err
	}
	img.Metadata, img.Creator, img.Filename = s.Metadata, s.Creator, s.Filename
	if img.RequireSignedURLs = s.RequireSignedURLs; s.RequireSignedURLs {
		img.ID = "" // [documented] An id of one's own excludes signed URLs.
	}
	return img, nil
}
