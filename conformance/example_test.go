package conformance_test

import (
	"context"
	"fmt"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/mock"
)

// A program checks a server, here the mock, and acts on the result.
func ExampleExecute() {
	target := conformance.Target{
		Handler:   mock.New().Handler(),
		AccountID: "7d1f0c93b85e4a26a4c2e9d06b3f8517",
		Token:     "any-token",
		// It lets everybody in.
		Features: map[conformance.Feature]conformance.Switch{conformance.FeatureAuth: conformance.Off},
	}
	result, err := conformance.Execute(context.Background(), target)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("conforms:", result.Conforms())
	// Output: conforms: true
}
