package ir

// Scan is how a model of an answer is read from JSON without reflection.
type Scan struct {
	Type    string // "Image"
	Members []ScanMember
}

// ScanMember is a member of the model's object.
type ScanMember struct {
	Wire   string // "requireSignedURLs"
	Field  string // "RequireSignedURLs"
	Holder ScanHolder
	// Read tells the function of package contract that reads the value or, below a
	// Holder, each of its values: "String" is ScanString; empty for a model.
	Read string
	// Model is the Go type of the model that is read instead.
	Model string
}

// ScanHolder is what the values of a member are held by.
type ScanHolder string

// The holders, which tell functions of package contract as Read does.
const (
	ScanPlain   ScanHolder = ""
	ScanPointer ScanHolder = "Pointer"
	ScanSlice   ScanHolder = "Slice"
	ScanMap     ScanHolder = "Map"
)
