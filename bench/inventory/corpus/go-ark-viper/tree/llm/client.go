package llm

import (
	"context"
	"os"

	"github.com/volcengine/volcengine-go-sdk/service/arkruntime"
	"github.com/volcengine/volcengine-go-sdk/service/arkruntime/model"

	"example.com/tea/config"
)

// Client talks to Ark.
type Client struct {
	ark    *arkruntime.Client
	config *config.Config
}

// New client.
func New(c *config.Config) *Client {
	return &Client{ark: arkruntime.NewClientWithApiKey(os.Getenv("ARK_API_KEY"), arkruntime.WithBaseUrl(c.Ark.BaseURL)), config: c}
}

// Ask one question.
func (c *Client) Ask(ctx context.Context, text string) (model.ChatCompletionResponse, error) {
	return c.ark.CreateChatCompletion(ctx, c.request(c.config.Ark.ChatModel, text))
}

// Look at a picture.
func (c *Client) Look(ctx context.Context, url string) (model.ChatCompletionResponse, error) {
	return c.ark.CreateChatCompletion(ctx, c.request(c.config.Ark.VisionModel, url))
}

// Embed texts.
func (c *Client) Embed(ctx context.Context, texts []string) (model.EmbeddingResponse, error) {
	return c.ark.CreateEmbeddings(ctx, model.EmbeddingRequestStrings{Input: texts, Model: c.config.Ark.EmbeddingModel})
}

// Moderate an answer, where that is switched on.
func (c *Client) Moderate(ctx context.Context, text string) error {
	if !c.config.Moderation.Enabled {
		return nil
	}
	_, err := c.ark.CreateChatCompletion(ctx, c.request(c.config.Moderation.Model, text))
	return err
}

func (c *Client) request(name, text string) model.ChatCompletionRequest {
	return model.ChatCompletionRequest{
		Model: name,
		Messages: []*model.ChatCompletionMessage{{Role: model.ChatMessageRoleUser, Content: &model.ChatCompletionMessageContent{StringValue: &text}}},
	}
}
