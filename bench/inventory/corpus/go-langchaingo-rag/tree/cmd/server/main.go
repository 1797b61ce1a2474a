package main

import (
	"fmt"
	"log"
	"net/http"

	"github.com/tmc/langchaingo/llms"

	"example.com/fern/internal/models"
)

func main() {
	model, err := models.Chat()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := models.Embedder(); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/ask", func(w http.ResponseWriter, r *http.Request) {
		answer, err := llms.GenerateFromSinglePrompt(r.Context(), model, r.FormValue("q"))
		fmt.Fprint(w, answer, err)
	})
	log.Fatal(http.ListenAndServe(":8090", nil))
}
