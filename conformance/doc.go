// Package conformance says what a server of the API must do, as clauses that
// can be checked against any implementation: the mock in this repository, a
// proxy, or the real service.
//
// From a test of your own server:
//
//	conformance.Run(t, conformance.Target{
//		Handler:   server,
//		AccountID: "7d1f0c93b85e4a26a4c2e9d06b3f8517",
//		Token:     "token-of-that-account",
//	})
//
// The server should know the token, and no other; one that lets everybody in
// declares that it lacks [FeatureAuth]. Reports leave the token out wherever it stands,
// so that a common word makes them hard to read.
//
// A program that is not a test calls [Execute], which prints what it finds and
// returns a [Result].
//
// # What a run does to an account
//
// A run reads, sends writes that must be refused, and makes images, drafts and
// nothing else, all under names no other run has. Each name is written down in
// a ledger before the request that uses it, and an id the target chooses when
// it is told. A request that names anything else is not sent. The run deletes
// what the ledger names, and never anything it found in a list; an id that was
// told only if what is there bears the mark of the run. At its end it reads
// every entry once more, and what is still there is the residue of the result.
//
// With [WithLedger] the ledger is on disk, and [Sweep] deletes by it what a run
// that was killed has left. An image whose id was not told, as the run ended
// before the answer, is found by its creator or metadata, which the ledger has
// as well. Drafts are not listed, which is why the suite gives them ids of its
// own. A few clauses are about drafts with generated ids: such a draft, if the
// run is killed in that moment, can be found by nobody; it expires by itself,
// within 6 hours at most.
//
// That is the profile safe; others do less or more, see [Profile]. Clauses that
// are not part of the profile, or need a hook that is not given, are reported as
// not run with the reason, never as passed. So are those that a run which was
// stopped did not come to.
//
// # What a server may do without
//
// Some correct servers lack a feature, see [Feature]. A target declares what it
// has; what it leaves open is probed where a GET can tell. Only the documented
// way to lack a feature counts as lacking it.
//
// # What fails a run
//
// MUST and SHOULD clauses do, INFO clauses are warned of. A [Policy] makes that
// stricter or milder and lists failures that are known. A run that checks
// nothing, exercises no operation or cannot reach the target never looks like a
// success.
//
// # Processes
//
// [WithProcesses] shares the clauses out among processes, for a target that is
// reached by HTTP. The verdicts are those of one process.
//
// # What a run tells
//
// A failure is the clause with its source, the request as a curl command, the
// answer and everything that is wrong with it, in at most 30 lines. A [Result]
// writes itself as JSON, JUnit's XML, Markdown and one HTML page; [ReadResult]
// reads the JSON back, and a [Comparison] puts several targets side by side.
// Its [Coverage] says what of the API the run has touched. The goals are those
// of the operation table, so that whatever is added to the API is a gap until a
// clause sends it.
//
// # What a run costs
//
// [Plan] tells it beforehand, [Limits] keep it within bounds, and the result
// has what it was. Requests to another machine are paced by default. A run
// ends when its budget is used up or the target goes away, and is no success
// then.
//
// # Ginkgo
//
// The clauses are Ginkgo specs. [Run] and [Execute] build a Ginkgo suite of
// their own, run it and throw it away, one at a time in a process; specs that
// the calling program has registered with Ginkgo before are lost by it. Such a
// program calls [Register] inside a container of its own instead.
package conformance
