package models

import (
	"os"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/anthropic"
	"github.com/tmc/langchaingo/llms/ollama"
)

const defaultModel = "gemma3:12b"

// Chat gives the model that answers.
func Chat() (llms.Model, error) {
	name := os.Getenv("FERN_MODEL")
	if name == "" {
		name = defaultModel
	}
	return ollama.New(ollama.WithModel(name), ollama.WithServerURL(server()))
}

// Embedder gives the one that indexes.
func Embedder() (embeddings.Embedder, error) {
	model, err := ollama.New(ollama.WithModel("nomic-embed-text"), ollama.WithServerURL(server()))
	if err != nil {
		return nil, err
	}
	return embeddings.NewEmbedder(model)
}

// Judge is for cmd/eval only.
func Judge() (llms.Model, error) {
	return anthropic.New(anthropic.WithModel("claude-3-5-sonnet-20240620"))
}

func server() string {
	if host := os.Getenv("OLLAMA_HOST"); host != "" {
		return host
	}
	return "http://localhost:11434"
}
