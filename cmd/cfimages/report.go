package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cfimages/cfimages/conformance"
)

type reportCmd struct {
	Merge reportMerge `cmd:"" help:"Put the results of several runs side by side, a row for each clause and a column for each target."`
	HTML  reportHTML  `cmd:"" name:"html" help:"Write the JSON of a run as one HTML page."`
	MD    reportMD    `cmd:"" name:"md" help:"Write the JSON of a run as Markdown."`
	JUnit reportJUnit `cmd:"" name:"junit" help:"Write the JSON of a run as JUnit's XML."`
}

// resultFile is what 'run --json FILE' wrote, and where to write it anew.
type resultFile struct {
	File string `arg:"" help:"What 'run --json FILE' wrote."`
	Out  string `short:"o" placeholder:"FILE" help:"Write to this file instead of the standard output."`
}

// rendered reads the result and writes it in another form.
func (f *resultFile) rendered(out io.Writer, write func(*conformance.Result, io.Writer) error) error {
	result, err := readResult(f.File)
	if err != nil {
		return err
	}
	return toFile(f.Out, out, func(w io.Writer) error { return write(result, w) })
}

func readResult(name string) (*conformance.Result, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, &exitError{usageError, err}
	}
	result, err := conformance.ReadResult(bytes.NewReader(text))
	if err != nil {
		return nil, &exitError{usageError, fmt.Errorf("%s: %w", name, err)}
	}
	return result, nil
}

// readScore reads what 'score --json FILE' wrote. No name is no score.
func readScore(name string) (*conformance.KillScore, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, &exitError{usageError, err}
	}
	score, err := conformance.ReadKillScore(bytes.NewReader(text))
	if err != nil {
		return nil, &exitError{usageError, fmt.Errorf("%s: %w", name, err)}
	}
	return score, nil
}

// toFile writes to a file, or to the standard output when it has no name. A
// file that cannot be written is wrong usage.
func toFile(name string, out io.Writer, write func(io.Writer) error) error {
	if name == "" {
		return write(out)
	}
	if err := writeFile(name, write); err != nil {
		return &exitError{usageError, err}
	}
	return nil
}

type reportHTML struct {
	resultFile
	Score string `placeholder:"FILE" help:"Show the score of the suite, too: what 'score --json FILE' wrote."`
}

// Run writes a result as HTML.
func (c *reportHTML) Run(out io.Writer) error {
	score, err := readScore(c.Score)
	if err != nil {
		return err
	}
	return c.rendered(out, func(r *conformance.Result, w io.Writer) error { return r.WriteHTML(w, score) })
}

type reportMD struct{ resultFile }

// Run writes a result as Markdown.
func (c *reportMD) Run(out io.Writer) error {
	return c.rendered(out, (*conformance.Result).WriteMarkdown)
}

type reportJUnit struct{ resultFile }

// Run writes a result as JUnit's XML.
func (c *reportJUnit) Run(out io.Writer) error {
	return c.rendered(out, (*conformance.Result).WriteJUnit)
}

type reportMerge struct {
	Files []string `arg:"" help:"What runs with --json wrote."`
	HTML  string   `name:"html" placeholder:"FILE" help:"Write an HTML page."`
	MD    string   `name:"md" placeholder:"FILE" help:"Write Markdown. It is printed when no file is named at all."`
}

// Run writes several results side by side.
func (c *reportMerge) Run(out io.Writer) error {
	var all conformance.Comparison
	var errs []error
	for _, name := range c.Files {
		result, err := readResult(name)
		errs = append(errs, err)
		all = append(all, result)
	}
	if err := errors.Join(errs...); err != nil {
		return &exitError{usageError, err}
	}
	if c.HTML != "" {
		if err := toFile(c.HTML, out, all.WriteHTML); err != nil {
			return err
		}
	}
	if c.HTML != "" && c.MD == "" {
		return nil
	}
	return toFile(c.MD, out, all.WriteMarkdown)
}

// stderr is the standard error.
type stderr struct{ io.Writer }

// watched reports whether somebody may be looking: it is a terminal, and the
// program is not run by a machine.
func (s stderr) watched() bool {
	f, ok := s.Writer.(*os.File)
	if !ok || os.Getenv("CI") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
