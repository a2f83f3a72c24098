// Command official gets an image with the official client.
package main

import (
	"context"
	"log"
	"os"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/images"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

func main() {
	c := cloudflare.NewClient(option.WithAPIToken(os.Args[2]))
	img, err := c.Images.V1.Get(context.Background(), os.Args[3], images.V1GetParams{AccountID: cloudflare.F(os.Args[1])})
	if err != nil {
		log.Fatal(err)
	}
	log.Println(img.ID)
}
