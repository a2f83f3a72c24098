package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"

	"github.com/cfimages/cfimages/internal/spell"
)

// environ are the environment variables of the program, each as NAME=value.
type environ []string

// settings are the flags of a command that the environment and a file may give.
type settings struct {
	// command is whose flags they are.
	command [2]string
	// prefix begins the variables that stand for flags.
	prefix string
	// others are variables that other tools know, too, and the flags they stand
	// for. The flag's own variable wins over them.
	others map[string]string
}

var (
	runSettings = settings{[2]string{"conformance", "run"}, "CFIMAGES_CONFORMANCE_", map[string]string{
		"CLOUDFLARE_BASE_URL": "url", "CLOUDFLARE_ACCOUNT_ID": "account", "CLOUDFLARE_API_TOKEN": "token",
	}}
	mockSettings = settings{[2]string{"mock", "serve"}, "CFIMAGES_MOCK_", nil}
)

// configure gives the flags of a command values that the command line does not
// give: those of the environment, and then those of the file that --config
// names. A name that no flag has is an error.
func (s *settings) configure(ctx *kong.Context, env environ) error {
	known := s.flags(ctx.Model)
	values, err := s.environment(env, known)
	if err != nil {
		return err
	}
	path := configPath(ctx, values)
	file, err := readConfig(path, known)
	if err != nil {
		return fmt.Errorf("the configuration %s: %w", path, err)
	}
	for name, value := range file {
		if _, ok := values[name]; !ok {
			values[name] = value
		}
	}
	ctx.AddResolver(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		return values[flag.Name], nil
	}))
	return nil
}

// flags are those of the command, and whether each is a list.
func (s *settings) flags(app *kong.Application) map[string]bool {
	known := map[string]bool{}
	for _, group := range app.Children {
		for _, command := range group.Children {
			if group.Name != s.command[0] || command.Name != s.command[1] {
				continue
			}
			for _, flag := range command.Flags {
				known[flag.Name] = flag.IsSlice()
			}
		}
	}
	return known
}

func (s *settings) environment(env environ, known map[string]bool) (map[string]any, error) {
	values := map[string]any{}
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		if flag, ok := s.others[name]; ok && value != "" && values[flag] == nil {
			values[flag] = value
		}
	}
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		key, ok := strings.CutPrefix(name, s.prefix)
		if !ok {
			continue
		}
		flag := strings.ToLower(strings.ReplaceAll(key, "_", "-"))
		if _, ok := known[flag]; !ok {
			near := strings.ToUpper(strings.ReplaceAll(nearest(flag, known), "-", "_"))
			return nil, fmt.Errorf("there is no environment variable %s%s", name, orDidYouMean(s.prefix, near))
		}
		values[flag] = value
	}
	return values, nil
}

// configPath is the file that the command line or the environment names.
func configPath(ctx *kong.Context, values map[string]any) string {
	for _, p := range ctx.Path {
		if p.Flag != nil && p.Flag.Name == "config" {
			path, _ := ctx.FlagValue(p.Flag).(string)
			return path
		}
	}
	path, _ := values["config"].(string)
	return path
}

// readConfig reads a YAML object whose members are called like flags.
func readConfig(path string, known map[string]bool) (map[string]any, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parseConfig(text, known)
}

func parseConfig(text []byte, known map[string]bool) (map[string]any, error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, errors.New("it is not YAML") // the parser's own message may quote a token
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("there should be one document, and nothing behind it")
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, errors.New("it should be an object whose members are called like flags")
	}
	values := map[string]any{}
	for i := 0; i < len(root.Content); i += 2 {
		name, node := root.Content[i].Value, root.Content[i+1]
		list, ok := known[name]
		_, twice := values[name]
		switch {
		case !ok || name == "config":
			return nil, fmt.Errorf("line %d: there is no flag %q%s", root.Content[i].Line, name, orDidYouMean("", nearest(name, known)))
		case twice:
			return nil, fmt.Errorf("line %d: %q is there twice", root.Content[i].Line, name)
		}
		value, err := configValue(node, list)
		if err != nil {
			return nil, fmt.Errorf("line %d: %s %w", node.Line, name, err)
		}
		values[name] = value
	}
	return values, nil
}

// configValue reads the value of a flag as the command line would have it. The
// pairs of an object stand for NAME=value. No error quotes the value.
func configValue(node *yaml.Node, list bool) (any, error) {
	if text, ok := scalar(node); ok {
		if list {
			return []any{text}, nil
		}
		return text, nil
	}
	if !list {
		return nil, errors.New("takes one value")
	}
	texts := []any{}
	for i, item := range node.Content {
		text, ok := scalar(item)
		switch {
		case !ok:
			return nil, errors.New("takes a list of plain values")
		case node.Kind == yaml.MappingNode && i%2 == 1:
			texts[len(texts)-1] = fmt.Sprintf("%s=%s", texts[len(texts)-1], text)
		default:
			texts = append(texts, text)
		}
	}
	return texts, nil
}

func scalar(node *yaml.Node) (string, bool) {
	return node.Value, node.Kind == yaml.ScalarNode && node.Tag != "!!null"
}

func orDidYouMean(prefix, near string) string {
	if near == "" {
		return ""
	}
	return "; did you mean " + prefix + near + "?"
}

// nearest is the name that can be typed wrong to be this one, or none.
func nearest(name string, known map[string]bool) string {
	return spell.Nearest(name, slices.Sorted(maps.Keys(known)))
}
