// Package fault lets a server of the API misbehave on purpose, by rules: which
// calls, when, how often and how. A [Set] of rules works on any handler, over a
// socket and without one, and on the calls of a mock in process.
//
// What a client makes of each kind of fault is in the tests: of this module's own
// in kinds_test.go, of the official Go SDK in conformance/sdk/faults_test.go.
package fault
