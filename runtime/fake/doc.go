// Package fake behaves like the service, in memory: what is uploaded can be
// fetched, listed, filtered, edited and deleted, and what the service refuses
// is refused with the service's own error.
//
// A [World] is a whole service. Its accounts know nothing of each other; each
// implements [api.Service], so a program written against that interface runs
// on an account without a socket. An operation that has no behaviour here
// answers as [api.Unimplemented] does.
//
// # What is checked where
//
// Limits that the specification states (lengths, ranges, enums, what is
// required) are checked by the layer above, see package contract. This package
// checks what depends on state, on the clock or on the bytes of an image. A
// call that breaks a stated limit may succeed here, but it damages nothing.
//
// # How each rule is known
//
// The comment of every rule of the API carries its evidence in brackets:
//
//	[documented]  the provider's schema or documentation states it
//	[observed]    somebody recorded it from the live service
//	[sdk]         a client library has it, without a recorded answer
//	[assumed]     nobody states it: a choice, consistent with the rest
//
// Where the sources contradict each other, an [Option] chooses the other side.
package fake
