// Command write collects the rules of the mock into the file that the admin API
// serves.
package main

import (
	"log"
	"os"

	"github.com/cfimages/cfimages/internal/evidence"
)

func main() {
	text, err := evidence.Collect(".")
	if err == nil {
		err = os.WriteFile("internal/admin/coverage.json", text, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}
