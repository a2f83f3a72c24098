// Command assertcut takes the assertions of the conformance suite out, one at a
// time, and reports which of them nobody misses: no mutant is killed by fewer of
// its clauses, and no server that is right fails. An assertion like that either
// says nothing that another does not say, or there is a defect the suite was
// never shown.
//
// The suite is compiled once, from copies in which every assertion can be
// switched off:
//
//	go run ./conformance/internal/assertcut -min 90
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const measurePath = "github.com/cfimages/cfimages/conformance/internal/assertcut/measure"

func main() {
	dir := flag.String("dir", "conformance", "the suite")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: assertcut [-dir DIR] [-- FLAGS OF MEASURE]")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := run(*dir, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "assertcut:", err)
		os.Exit(1)
	}
}

func run(dir string, args []string) error {
	tmp, err := os.MkdirTemp("", "assertcut")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	sites, overlay, err := instrument(dir, tmp)
	if err != nil {
		return err
	}
	text, err := json.Marshal(sites)
	if err != nil {
		return err
	}
	list := filepath.Join(tmp, "sites.json")
	if err := os.WriteFile(list, text, 0o600); err != nil {
		return err
	}
	program := filepath.Join(tmp, "measure")
	if err := command("go", "build", "-overlay", overlay, "-o", program, measurePath); err != nil {
		return fmt.Errorf("the copy of the suite does not compile: %w", err)
	}
	return command(program, append([]string{"-sites", list}, args...)...)
}

func command(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}
