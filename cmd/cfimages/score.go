package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/cfimages/cfimages/conformance/mutants"
)

type scoreCmd struct {
	Matrix string `placeholder:"FILE" help:"Write which clause notices which mutant, as Markdown."`
}

// Run measures the suite and prints what it notices.
func (c *scoreCmd) Run(ctx context.Context, out io.Writer) error {
	if c.Matrix != "" {
		if err := writeFile(c.Matrix, func(io.Writer) error { return nil }); err != nil {
			return &exitError{usageError, err}
		}
	}
	score, err := mutants.Measure(ctx, out)
	if err != nil {
		return err
	}
	problems := score.Problems()
	for _, p := range problems {
		fmt.Fprintf(out, "\n%s\n", p)
	}
	fmt.Fprintf(out, "\n%s\n", score.Summary())
	if c.Matrix != "" {
		if err := writeFile(c.Matrix, score.WriteMatrix); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("the suite has %d problems", len(problems))
	}
	return nil
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
