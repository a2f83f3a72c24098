// Command ours gets an image with the client of this repository.
package main

import (
	"context"
	"log"
	"os"

	"github.com/cfimages/cfimages/gen/client"
)

func main() {
	c, err := client.New(os.Args[1], client.WithToken(os.Args[2]))
	if err != nil {
		log.Fatal(err)
	}
	img, err := c.GetImage(context.Background(), os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	log.Println(img.ID)
}
