package seed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
)

// MaxBytes is the size of the largest fixture. Images that are not in it but in
// files beside it are not counted.
const MaxBytes = 256 << 20

// Open reads a fixture, or a folder of images for one account.
func Open(name, account string) (*Fixture, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return folder(name, account)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	f, err := read(file, filepath.Dir(name))
	if err != nil {
		return nil, at(name, err)
	}
	return f, nil
}

// Parse reads a fixture that refers to no files.
func Parse(r io.Reader) (*Fixture, error) { return read(r, "") }

func read(r io.Reader, dir string) (*Fixture, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("a fixture has at most %d bytes", MaxBytes)
	}
	f := &Fixture{}
	if err := decode(text, f); err != nil {
		return nil, err
	}
	f.dir = dir
	for _, id := range slices.Sorted(maps.Keys(f.Accounts)) {
		if id == "" || len(id) > 32 {
			return nil, fmt.Errorf("accounts.%.40s: it is no account's id, which has 1 to 32 bytes", id)
		}
		if err := f.check("accounts."+id, f.Accounts[id]); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// decode reads one strict JSON value.
func decode(text []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	w := walker{dec: dec}
	if err := w.value("", reflect.TypeOf(v)); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there should be one object, and nothing behind it")
	}
	return json.Unmarshal(text, v)
}

// check finds what is wrong with an account before anything is done.
func (f *Fixture) check(place string, a Account) error {
	ids, variants, keys := names{}, names{}, names{}
	for i, v := range a.Variants {
		if err := variants.add(item(place, "variants", i)+".id", v.ID); err != nil {
			return err
		}
	}
	for i, key := range a.Keys {
		if err := keys.add(item(place, "keys", i), key); err != nil {
			return err
		}
	}
	for i, img := range a.Images {
		if err := f.checkImage(img); err != nil {
			return at(item(place, "images", i), err)
		}
		if img.ID == "" {
			continue
		}
		if err := ids.add(item(place, "images", i)+".id", img.ID); err != nil {
			return err
		}
	}
	return nil
}

func (f *Fixture) checkImage(img Image) error {
	switch {
	case img.File == "" && img.Content == nil:
		return errors.New("it needs file or content")
	case img.File != "" && img.Content != nil:
		return errors.New("it has file and content, and should have one of them")
	case img.File != "" && f.dir == "":
		return errors.New("file: there are no files here, use content")
	case img.File != "" && !filepath.IsLocal(filepath.FromSlash(img.File)):
		return fmt.Errorf("file: %q is not below the folder of the fixture", img.File)
	case img.File == "":
		return nil
	}
	_, err := os.Stat(filepath.Join(f.dir, filepath.FromSlash(img.File)))
	if err != nil {
		return at("file", err)
	}
	return nil
}

// names lead to where they are.
type names map[string]string

func (n names) add(place, name string) error {
	if before, twice := n[name]; twice {
		return fmt.Errorf("%s: %q is taken by %s", place, name, before)
	}
	n[name] = place
	return nil
}
