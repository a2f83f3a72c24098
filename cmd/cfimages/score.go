package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cfimages/cfimages/conformance/mutants"
)

type scoreCmd struct {
	Full   bool   `help:"Run the whole suite against every wrong server, which takes minutes, not only what should notice it."`
	Matrix string `placeholder:"FILE" help:"Write which clause notices which mutant, as Markdown."`
	JSON   string `name:"json" placeholder:"FILE" help:"Write the same as JSON."`
}

// Run measures the suite and prints what it notices.
func (c *scoreCmd) Run(ctx context.Context, out io.Writer) error {
	for _, name := range []string{c.Matrix, c.JSON} {
		if name == "" {
			continue
		}
		if err := writeFile(name, func(io.Writer) error { return nil }); err != nil {
			return &exitError{usageError, err}
		}
	}
	measure := mutants.Measure
	if c.Full {
		measure = mutants.MeasureFull
	}
	score, err := measure(ctx, out)
	if err != nil {
		return err
	}
	problems := score.Problems()
	for _, p := range problems {
		fmt.Fprintf(out, "\n%s\n", p)
	}
	fmt.Fprintf(out, "\n%s\n", score.Summary())
	if err := c.write(score); err != nil {
		return err
	}
	if len(problems) > 0 {
		return fmt.Errorf("the suite has %d problems", len(problems))
	}
	return nil
}

// write writes the files that were asked for.
func (c *scoreCmd) write(score *mutants.Score) error {
	var errs []error
	if c.Matrix != "" {
		errs = append(errs, writeFile(c.Matrix, score.WriteMatrix))
	}
	if c.JSON != "" {
		errs = append(errs, writeFile(c.JSON, score.WriteJSON))
	}
	return errors.Join(errs...)
}

// writeFile creates a file and writes it.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
