package ir

import "slices"

// Names that the emitters make for every API, which no specification may claim.
// A test holds them against what is written.
var (
	// ReservedTypes are declared in package api.
	ReservedTypes = []string{
		"Bytes", "Contract", "Error", "ErrorKind", "File", "Filter", "FilterGrammar", "OpenFile", "Operation", "Reader", "Service",
		"Stream", "Unimplemented",
	}
	// ReservedMethods are the methods and embedded fields of clients and mocks.
	ReservedMethods = []string{
		"Account", "AssertCalled", "Begin", "Calls", "Client", "Close", "Core", "FailNext", "Forget", "Funcs", "Handler",
		"LogOnFailure", "RateLimit", "Reset", "Restore", "Serve", "SetAddress", "Snapshot", "String", "Transport", "URL", "WaitFor",
		"With", "World",
	}
	// reservedArgs are what generated methods call their own parameters,
	// variables and packages.
	reservedArgs = []string{
		"accounts", "api", "binds", "c", "client", "contract", "core", "ctx", "double", "err", "f", "form", "in", "iter",
		"m", "number", "opts", "out", "p", "r", "rest", "serve", "server", "strict", "token", "v",
	}
)

// ArgName returns the name of a method's argument that is called name in the
// specification.
func ArgName(name string) string {
	if slices.Contains(reservedArgs, name) {
		return name + "Arg"
	}
	return name
}
