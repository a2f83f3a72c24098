// Package evidence collects what the comments of the fake and its companions say
// of the API, each rule with how it is known. See package fake for the marks.
package evidence

import (
	"bytes"
	"cmp"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Rule is a rule of the API that the mock keeps to.
type Rule struct {
	// Evidence is documented, sdk, observed or assumed.
	Evidence string `json:"evidence"`
	// Text is the sentence that is marked.
	Text string `json:"text"`
	// File and In are where: In is the declaration, empty outside of one.
	File string `json:"file"`
	In   string `json:"in,omitempty"`
	// Section is the part of the conformance suite about the operation that the
	// rule is in, empty where it is in none: KYU for KYU-001 and so on. It does not
	// say that a clause there is about this rule.
	Section string `json:"section,omitempty"`
	// Clauses are those of the conformance suite that the comment names.
	Clauses []string `json:"clauses,omitempty"`
}

// Packages are the directories with rules.
var Packages = []string{"internal/standalone", "runtime/deliver", "runtime/fake", "runtime/fault", "runtime/origin"}

var (
	mark     = regexp.MustCompile(`\[(documented|sdk|observed|assumed)\]`)
	sentence = regexp.MustCompile(`[^.]*(?:\.[^\s][^.]*)*(?:\.|$)`)
	link     = regexp.MustCompile(`\[([\w.]+)\]`)
	clause   = regexp.MustCompile(`\b[A-Z][A-Z0-9]{2}-\d{3}\b`)
)

// sections are those of the conformance suite, by the operation they are about.
var sections = map[string]string{
	"ListImagesV1": "V1L", "UploadImage": "V1C", "GetImage": "V1G", "EditImage": "V1E", "DeleteImage": "V1D",
	"GetImageBlob": "BLB", "ListSigningKeys": "KYL", "PutSigningKey": "KYU", "DeleteSigningKey": "KYD",
	"GetStats": "STA", "ListVariants": "VRL", "GetVariant": "VRG", "CreateVariant": "VRC", "EditVariant": "VRE",
	"DeleteVariant": "VRD", "ListImages": "V2L", "CreateDirectUpload": "DUC", "finishDraft": "DUU",
}

// Collect reads the packages below a module's root and returns their rules as
// JSON, in the order of files and places.
func Collect(root string) ([]byte, error) {
	rules := []Rule{}
	for _, dir := range Packages {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil {
			return nil, err
		}
		slices.Sort(files)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			found, err := read(file, dir+"/"+filepath.Base(file))
			if err != nil {
				return nil, err
			}
			rules = append(rules, found...)
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	err := enc.Encode(rules)
	return b.Bytes(), err
}

// read returns the rules of one file.
func read(path, name string) ([]Rule, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var rules []Rule
	for _, group := range file.Comments {
		if group.Pos() < file.Package { // the package's own text explains the marks
			continue
		}
		for _, r := range rulesOf(group.Text()) {
			r.File, r.In = name, around(file, group)
			r.Section = sections[r.In]
			rules = append(rules, r)
		}
	}
	return rules, nil
}

// rulesOf takes the marked sentences out of a comment. A mark is about the
// sentence that it is in; one that ends the comment, about the one before.
func rulesOf(comment string) (rules []Rule) {
	before := ""
	for _, s := range sentence.FindAllString(strings.Join(strings.Fields(comment), " "), -1) {
		text := strings.Join(strings.Fields(mark.ReplaceAllString(s, "")), " ")
		text = cmp.Or(link.ReplaceAllString(strings.ReplaceAll(text, " .", "."), "$1"), before)
		for _, m := range mark.FindAllStringSubmatch(s, -1) {
			rules = append(rules, Rule{Evidence: m[1], Text: text, Clauses: clause.FindAllString(text, -1)})
		}
		before = text
	}
	return rules
}

// around names the declaration that a comment belongs to.
func around(file *ast.File, group *ast.CommentGroup) string {
	for _, d := range file.Decls {
		begin := d.Pos()
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Doc != nil {
				begin = d.Doc.Pos()
			}
			if begin <= group.Pos() && group.Pos() < d.End() {
				return d.Name.Name
			}
		case *ast.GenDecl:
			if d.Doc != nil {
				begin = d.Doc.Pos()
			}
			if begin <= group.Pos() && group.Pos() < d.End() && len(d.Specs) == 1 {
				return specName(d.Specs[0])
			}
		}
	}
	return ""
}

func specName(s ast.Spec) string {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return s.Name.Name
	case *ast.ValueSpec:
		return s.Names[0].Name
	default:
		return ""
	}
}
