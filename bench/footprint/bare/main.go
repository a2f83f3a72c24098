// Command bare gets an image with nothing but net/http and encoding/json.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
)

func main() {
	req, err := http.NewRequest(http.MethodGet, "https://api.cloudflare.com/client/v4/accounts/"+os.Args[1]+"/images/v1/"+os.Args[3], nil)
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+os.Args[2])
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	var answer struct{ Result struct{ ID string } }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		log.Fatal(err)
	}
	log.Println(answer.Result.ID)
}
