package main

import (
	"context"
	"net/http"

	openai "github.com/sashabaranov/go-openai"
)

// Bot answers in Slack.
type Bot struct {
	chat     *openai.Client
	pictures *openai.Client
	model    string
}

// Handle takes one event.
func (b *Bot) Handle(w http.ResponseWriter, r *http.Request) {
	answer, err := b.ask(r.Context(), r.FormValue("text"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	_, _ = w.Write([]byte(answer))
}

func (b *Bot) ask(ctx context.Context, text string) (string, error) {
	reply, err := b.chat.CreateChatCompletion(ctx, openai.ChatCompletionRequest{
		Model:    b.model,
		Messages: []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleUser, Content: text}},
	})
	if err != nil {
		return "", err
	}
	return reply.Choices[0].Message.Content, nil
}

func (b *Bot) describe(ctx context.Context, url string) (openai.ChatCompletionResponse, error) {
	return b.pictures.CreateChatCompletion(ctx, openai.ChatCompletionRequest{
		Model:    openai.GPT4oMini,
		Messages: []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleUser, Content: url}},
	})
}

func (b *Bot) draw(ctx context.Context, prompt string) (openai.ImageResponse, error) {
	return b.pictures.CreateImage(ctx, openai.ImageRequest{Model: openai.CreateImageModelDallE3, Prompt: prompt})
}
