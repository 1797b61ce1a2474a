package main

import (
	"context"
	"fmt"

	"github.com/tmc/langchaingo/llms"

	"example.com/fern/internal/models"
)

// Grades the answers in answers.txt.
func main() {
	judge, err := models.Judge()
	if err != nil {
		panic(err)
	}
	fmt.Println(llms.GenerateFromSinglePrompt(context.Background(), judge, "Grade this."))
}
