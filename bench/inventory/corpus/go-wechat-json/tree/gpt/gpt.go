package gpt

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"example.com/postbot/config"
)

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type requestBody struct {
	Model       string    `json:"model"`
	Messages    []message `json:"messages"`
	MaxTokens   int       `json:"max_tokens"`
	Temperature float64   `json:"temperature"`
}

type responseBody struct {
	Choices []struct {
		Message message `json:"message"`
	} `json:"choices"`
}

// Completions answers one message.
func Completions(text string) (string, error) {
	cfg := config.LoadConfig()
	data, err := json.Marshal(requestBody{
		Model:       cfg.Model,
		Messages:    []message{{Role: "user", Content: text}},
		MaxTokens:   cfg.MaxTokens,
		Temperature: cfg.Temperature,
	})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequest(http.MethodPost, cfg.BaseURL+"/chat/completions", bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+cfg.ApiKey)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var body responseBody
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		return "", err
	}
	if len(body.Choices) == 0 {
		return "", errors.New("no choices")
	}
	return body.Choices[0].Message.Content, nil
}
