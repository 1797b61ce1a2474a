package main

import (
	"bytes"
	"encoding/json"
	"log"
	"net/http"

	"github.com/caarlos0/env/v11"
)

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type request struct {
	Model    string    `json:"model"`
	Messages []message `json:"messages"`
}

var config Config

func ask(text string) (*http.Response, error) {
	body, err := json.Marshal(request{Model: config.Model, Messages: []message{{"user", text}}})
	if err != nil {
		return nil, err
	}
	return http.Post(config.BaseURL+"/chat/completions", "application/json", bytes.NewReader(body))
}

func embed(texts []string) (*http.Response, error) {
	body, err := json.Marshal(map[string]any{"model": config.Embedding, "texts": texts, "type": "db"})
	if err != nil {
		return nil, err
	}
	return http.Post(config.BaseURL+"/embeddings", "application/json", bytes.NewReader(body))
}

func main() {
	if err := env.Parse(&config); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/ask", func(w http.ResponseWriter, r *http.Request) {
		if _, err := embed([]string{r.FormValue("q")}); err != nil {
			http.Error(w, err.Error(), 502)
			return
		}
		reply, err := ask(r.FormValue("q"))
		if err != nil {
			http.Error(w, err.Error(), 502)
			return
		}
		defer reply.Body.Close()
		_ = json.NewEncoder(w).Encode(reply.Header)
	})
	log.Fatal(http.ListenAndServe(config.Listen, nil))
}
