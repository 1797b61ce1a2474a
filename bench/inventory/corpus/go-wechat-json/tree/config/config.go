package config

import (
	"encoding/json"
	"log"
	"os"
	"sync"
)

// Configuration of the bot.
type Configuration struct {
	ApiKey            string  `json:"api_key"`
	BaseURL           string  `json:"base_url"`
	Model             string  `json:"model"`
	MaxTokens         int     `json:"max_tokens"`
	Temperature       float64 `json:"temperature"`
	SessionClearToken string  `json:"session_clear_token"`
}

var (
	config *Configuration
	once   sync.Once
)

// LoadConfig reads config.json once.
func LoadConfig() *Configuration {
	once.Do(func() {
		config = &Configuration{
			BaseURL:           "https://api.openai.com/v1",
			Model:             "gpt-3.5-turbo-instruct",
			MaxTokens:         512,
			Temperature:       0.9,
			SessionClearToken: "下个问题",
		}
		if f, err := os.Open("config.json"); err == nil {
			defer f.Close()
			if err := json.NewDecoder(f).Decode(config); err != nil {
				log.Fatalf("decode config: %v", err)
			}
		}
		if v := os.Getenv("API_KEY"); v != "" {
			config.ApiKey = v
		}
		if v := os.Getenv("MODEL"); v != "" {
			config.Model = v
		}
	})
	return config
}
