// Command clausedoc writes the catalogue of clauses as Markdown. It is run in
// the root of the repository.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/cfimages/cfimages/conformance"
)

const file = "conformance/CLAUSES.md"

func main() {
	if err := os.WriteFile(file, []byte(document(conformance.Clauses())), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "clausedoc:", err)
		os.Exit(1)
	}
}

const head = `<!-- Written by "make gen" from clauses.yaml. Do not edit. -->
# What a server of this API must do

%d clauses, of which %d MUST, %d SHOULD and %d INFO. An id is never used again for another clause.

- MUST and SHOULD fail a run. INFO records what a server does where several answers are right.
- The source is the API reference, the text of the official sdk and OpenAPI document, a page of the docs, the live
  service as others observed it, the http and JSON standards, or a decision of this project.
- Safety is what checking does to an account: R reads only, N sends writes that must be refused, W makes and deletes
  images of its own, A changes what the whole account shares, Q is large or slow, X needs a hook or an account to
  throw away.
`

// document writes clauses, a table for each group.
func document(list []conformance.Clause) string {
	var b strings.Builder
	n := map[conformance.Level]int{}
	for _, c := range list {
		n[c.Level]++
	}
	fmt.Fprintf(&b, head, len(list), n[conformance.Must], n[conformance.Should], n[conformance.Info])
	group := ""
	for _, c := range list {
		if c.Group != group {
			group = c.Group
			fmt.Fprintf(&b, "\n## %s: %s\n\n| clause | level | | source | safety |\n|---|---|---|---|---|\n", group, c.Title)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", c.ID, c.Level, sentence(c), c.Source, c.Safety)
	}
	return b.String()
}

// sentence is the text of a clause with what else there is to say.
func sentence(c conformance.Clause) string {
	text := cell(c.Text)
	if c.Note != "" {
		text += "<br>Note: " + cell(c.Note)
	}
	if c.Since != "" {
		text += "<br>Since " + cell(c.Since) + "."
	}
	if !c.Implemented {
		text += "<br>Not checked."
	}
	return text
}

func cell(text string) string {
	return strings.NewReplacer("\n", " ", "|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`).Replace(strings.TrimSpace(text))
}
