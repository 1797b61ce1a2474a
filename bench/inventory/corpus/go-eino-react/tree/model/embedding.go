package model

import (
	"context"
	"os"

	"github.com/cloudwego/eino-ext/components/embedding/ark"
)

const embeddingModel = "doubao-embedding-text-240715"

// NewEmbedder for the index of recipes.
func NewEmbedder(ctx context.Context) (*ark.Embedder, error) {
	return ark.NewEmbedder(ctx, &ark.EmbeddingConfig{
		APIKey: os.Getenv("ARK_API_KEY"),
		Model:  embeddingModel,
	})
}
