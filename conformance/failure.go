package conformance

import (
	"fmt"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/onsi/gomega"
)

// What a failure shows at most: with the header, the request, the answer and
// the line of the check it is no more than 30 lines, and no screen.
const (
	maxBefore = 3   // requests before the last one
	maxWrong  = 14  // lines about what is wrong
	maxAlso   = 5   // further cases of a clause
	maxWidth  = 600 // characters of a line about what is wrong
)

// between separates the mismatches that one check has collected.
const between = "\x1e"

// all makes all assertions of a check, and then fails with every one that does
// not hold. It is for several facts about one object or one exchange; what a
// check needs in order to go on is asserted before.
func (t *spec) all(check func(t *spec)) {
	var wrong []string
	check(t.with(gomega.NewGomega(func(message string, _ ...int) { wrong = append(wrong, message) })))
	t.none(wrong)
}

// none fails if there are problems, naming all of them.
func (t *spec) none(problems []string) {
	t.demand(len(problems) == 0, "%s", strings.Join(problems, "\n"+between+"\n"))
}

// explain writes a failure: the clause, what was sent, what was answered and
// what was expected instead.
func (t *spec) explain(message string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", t.clause.head())
	list := t.trace.exchanges()
	t.hideKeys(list)
	if n := len(list); n > 0 {
		for _, e := range list[max(0, n-maxBefore-1) : n-1] {
			fmt.Fprintf(&b, "before:  %s\n", e.short())
		}
		fmt.Fprintf(&b, "request: %s\n", clip(list[n-1].curl(), 2000))
		for _, line := range list[n-1].answerLines() {
			fmt.Fprintf(&b, "answer:  %s\n", line)
		}
	}
	for _, line := range wrongLines(message) {
		fmt.Fprintf(&b, "%s\n", clip(line, maxWidth))
	}
	if at := where(); at != "" {
		fmt.Fprintf(&b, "check:   %s\n", at)
	}
	return strings.TrimRight(redact(b.String(), t.run.secrets()), "\n")
}

// keyValue finds the values of keys in an answer that need not be well-formed.
var keyValue = regexp.MustCompile(`(?i)"value"\s*:\s*"([^"\\]+)`)

// hideKeys keeps the signing keys that were answered out of reports, whatever
// is wrong with the answer.
func (t *spec) hideKeys(list []*exchange) {
	for _, e := range list {
		if !strings.Contains(e.url, keysPath) {
			continue
		}
		for _, found := range keyValue.FindAllSubmatch(e.body, -1) {
			t.hide(string(found[1]))
		}
	}
}

// head is the clause in two lines.
func (c Clause) head() string {
	return fmt.Sprintf("%s %s (%s, %s)\n  %s", c.ID, c.Level, c.Source, c.Evidence, c.Text)
}

// wrongLines writes the mismatches of a message, each as what is wrong, what
// came and what was expected.
func wrongLines(message string) []string {
	var lines []string
	for _, m := range strings.Split(message, between) {
		lines = append(lines, mismatch(strings.TrimSpace(m))...)
	}
	if left := len(lines) - maxWrong; left > 0 {
		lines = append(lines[:maxWrong-1], fmt.Sprintf("         ... and %d more lines", left+1))
	}
	return lines
}

const (
	wrongMark = "wrong:   "
	gotMark   = "  got:   "
	wantMark  = "  want:  "
	restMark  = "         "
)

// noise is what Gomega says to those who write assertions.
var noise = regexp.MustCompile("^(The function passed to Eventually failed at|Gomega truncated this|Consider having the object|" +
	"or adjust the parameters in Gomega|Learn more here: https://onsi)")

// mismatch writes what an assertion says. Gomega says what it is about, then
// "Expected", then the value that came, then the expectation.
func mismatch(message string) []string {
	lines := slices.DeleteFunc(strings.Split(message, "\n"), func(l string) bool {
		return strings.TrimSpace(l) == "" || noise.MatchString(l)
	})
	at := slices.Index(lines, "Expected")
	if at < 0 {
		return marked(wrongMark, lines)
	}
	end := at + 1
	for end < len(lines) && strings.HasPrefix(lines[end], "    ") {
		end++
	}
	out := marked(wrongMark, lines[:at])
	out = append(out, marked(gotMark, []string{oneLine(lines[at+1 : end])})...)
	return append(out, marked(wantMark, joined(lines[end:]))...)
}

// joined puts each value behind the words that lead to it.
func joined(lines []string) []string {
	var out []string
	for len(lines) > 0 {
		end := 1
		for end < len(lines) && strings.HasPrefix(lines[end], "    ") {
			end++
		}
		words := strings.TrimRight(lines[0], " |")
		out = append(out, strings.TrimSpace(words+" "+oneLine(lines[1:end])))
		lines = lines[end:]
	}
	return out
}

// oneLine writes a value, however it was laid out, on one line.
func oneLine(lines []string) string {
	return strings.Join(strings.Fields(strings.Join(lines, " ")), " ")
}

func marked(mark string, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = mark + strings.TrimSpace(l)
		mark = restMark
	}
	return out
}

// summed is the message of a clause: the first of its cases that fail in full,
// of the others what is wrong.
func summed(failures []string) string {
	text := failures[0]
	for i, more := range failures[1:] {
		if i == maxAlso {
			return text + fmt.Sprintf("\n%s%d more cases", alsoMark, len(failures)-1-i)
		}
		text += "\n" + alsoMark + clip(brief(more), maxWidth)
	}
	return text
}

// brief is a failure in one line.
func brief(failure string) string {
	wrong, row := "", ""
	for _, l := range strings.Split(failure, "\n") {
		if rest, ok := strings.CutPrefix(l, wrongMark); ok && wrong == "" {
			wrong = rest
		}
		if rest, ok := strings.CutPrefix(l, caseMark); ok {
			row = rest + ": "
		}
	}
	if wrong == "" {
		wrong, _, _ = strings.Cut(failure, "\n")
	}
	return row + wrong
}

const (
	caseMark = "case:    "
	alsoMark = "also:    "
)

// where is the line of the clause that is being checked: that of the outermost
// caller below [run.check].
func where() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	at := ""
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, "(*run).check") {
			return at
		}
		if strings.Contains(f.File, "/conformance/") && strings.Contains(f.Function, "conformance.") {
			at = fmt.Sprintf("conformance/%s:%d", path.Base(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}
