// Command measure takes assertions out of the suite it is compiled with. It is
// built and run by assertcut.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	m := measurement{out: os.Stdout}
	sites := flag.String("sites", "", "the assertions, as JSON")
	flag.StringVar(&m.resume, "resume", "", "keep what is found in this file, and begin with what it holds")
	flag.IntVar(&m.sample, "sample", 0, "how many assertions to try; 0 is all")
	flag.StringVar(&m.only, "only", "", "try only the assertions whose file, function and text contain this")
	flag.Uint64Var(&m.seed, "seed", 1, "chooses the sample")
	least := flag.Float64("min", 0, "the least share of assertions, in percent, that must be missed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := measure(ctx, &m, *sites, *least); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		stop()
		os.Exit(1)
	}
}

func measure(ctx context.Context, m *measurement, sites string, least float64) error {
	text, err := os.ReadFile(sites)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &m.sites); err != nil {
		return err
	}
	if err := m.load(); err != nil {
		return err
	}
	if err := m.observe(ctx); err != nil {
		return err
	}
	if err := m.try(ctx); err != nil {
		return err
	}
	if share := m.report(m.out); share < least {
		return fmt.Errorf("only %.1f %% of the assertions are missed, not %.1f %%", share, least)
	}
	return nil
}

// finding is what became of the suite without an assertion.
type finding struct {
	// Key names the assertion from run to run, as its number may not.
	Key    string `json:"key"`
	Missed bool   `json:"missed"`
	// By is the mutant or the clause that told.
	By string `json:"by,omitempty"`
}

// load reads what an earlier run has found.
func (m *measurement) load() error {
	m.found = map[string]finding{}
	if m.resume == "" {
		return nil
	}
	f, err := os.Open(m.resume)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	for dec := json.NewDecoder(f); ; {
		var one finding
		if err := dec.Decode(&one); err == io.EOF {
			return nil
		} else if err != nil {
			// The last line of a run that was killed.
			fmt.Fprintf(m.out, "%s ends in the middle of a line: %s\n", m.resume, err)
			return os.Remove(m.resume)
		}
		m.found[one.Key] = one
	}
}

// keep writes a finding down.
func (m *measurement) keep(one finding) error {
	m.found[one.Key] = one
	if m.resume == "" {
		return nil
	}
	f, err := os.OpenFile(m.resume, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	text, err := json.Marshal(one)
	if err == nil {
		_, err = f.Write(append(text, '\n'))
	}
	return errors.Join(err, f.Close())
}
