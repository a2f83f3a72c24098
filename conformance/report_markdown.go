package conformance

import (
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes the result for people: what fails first, then the
// groups, then what was not checked and why.
func (r *Result) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	verdict := "conforms"
	if !r.Conforms() {
		verdict = "does not conform"
	}
	fmt.Fprintf(&b, "# %s %s\n\n", inline(r.Target), verdict)
	fmt.Fprintf(&b, "%d clauses passed, %d failed, %d warned of, %d known to fail, %d drifted, %d not run, profile %s, in %s s, seed %d.\n",
		r.Count(Passed), len(r.Failed()), r.Count(Warned), r.Count(Known), r.Count(Drifted), r.Count(NotRun), r.Profile, seconds(r.Took), r.Seed)
	r.writeFailures(&b)
	r.writeExcused(&b)
	r.writeFeatures(&b)
	r.writeGroups(&b)
	r.writeNotes(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Result) writeFailures(b *strings.Builder) {
	failed := r.Failed()
	if len(failed) == 0 {
		return
	}
	b.WriteString("\n## What does not hold\n")
	for _, o := range failed {
		title := "Outside of any clause"
		if c := o.Clause; c.ID != "" {
			title = c.ID + " " + string(c.Level) + ": " + inline(c.Text)
		}
		fmt.Fprintf(b, "\n### %s\n\n%s", title, fenced(o.Message))
	}
}

// fenced writes a text as it is.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "\n" + text + "\n" + fence + "\n"
}

// writeExcused tells what does not hold and does not fail the run.
func (r *Result) writeExcused(b *strings.Builder) {
	for _, part := range []struct {
		state State
		title string
	}{{Drifted, "Drift"}, {Warned, "Warnings"}, {Known, "Known failures"}} {
		if r.Count(part.state) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n## %s\n", part.title)
		for _, o := range r.Outcomes {
			if o.State == part.state {
				fmt.Fprintf(b, "\n### %s %s: %s\n\n%s", o.Clause.ID, o.Clause.Level, inline(o.Clause.Text), fenced(o.Message))
			}
		}
	}
}

func (r *Result) writeFeatures(b *strings.Builder) {
	if len(r.Features) == 0 {
		return
	}
	b.WriteString("\n## Features\n\n| feature | declared | probed | taken as |\n|---|---|---|---|\n")
	for _, f := range r.Features {
		probed := string(f.Probed)
		if f.Contradicts() {
			probed += ", unlike declared"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", f.Name, f.Declared, probed, f.Value)
	}
}

func (r *Result) writeGroups(b *strings.Builder) {
	b.WriteString("\n## Groups\n\n| group | passed | failed | not run |\n|---|---:|---:|---:|\n")
	counts := map[string]map[State]int{}
	var order []string
	for _, o := range r.Outcomes {
		g := o.Clause.Group
		if counts[g] == nil {
			counts[g] = map[State]int{}
			order = append(order, g)
		}
		counts[g][o.State]++
	}
	for _, g := range order {
		fmt.Fprintf(b, "| %s | %d | %d | %d |\n", g, counts[g][Passed], counts[g][Failed], counts[g][NotRun])
	}
}

func (r *Result) writeNotes(b *strings.Builder) {
	var notRun, recorded strings.Builder
	for _, o := range r.Outcomes {
		if o.State == NotRun {
			fmt.Fprintf(&notRun, "| %s | %s |\n", o.Clause.ID, inline(o.Message))
		}
		for _, text := range o.Recorded {
			fmt.Fprintf(&recorded, "| %s | %s |\n", o.Clause.ID, inline(text))
		}
	}
	if notRun.Len() > 0 {
		b.WriteString("\n## Not run\n\n| clause | why |\n|---|---|\n" + notRun.String())
	}
	if recorded.Len() > 0 {
		b.WriteString("\n## Recorded\n\n| clause | what the target does |\n|---|---|\n" + recorded.String())
	}
}

// inline makes a text safe within a line of Markdown, and within a table.
func inline(text string) string {
	return strings.NewReplacer("\n", " ", "|", `\|`, "<", "&lt;", "`", "'").Replace(text)
}
