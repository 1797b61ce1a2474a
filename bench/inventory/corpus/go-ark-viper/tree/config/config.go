package config

import (
	"strings"

	"github.com/spf13/viper"
)

// Config is what the service reads.
type Config struct {
	Ark        Ark        `mapstructure:"ark"`
	Moderation Moderation `mapstructure:"moderation"`
}

// Ark is Volcengine's API.
type Ark struct {
	BaseURL        string `mapstructure:"base_url"`
	ChatModel      string `mapstructure:"chat_model"`
	EmbeddingModel string `mapstructure:"embedding_model"`
	VisionModel    string `mapstructure:"vision_model"`
}

// Moderation of answers.
type Moderation struct {
	Enabled bool   `mapstructure:"enabled"`
	Model   string `mapstructure:"model"`
}

// Load reads config.yaml and the environment.
func Load() (*Config, error) {
	viper.SetConfigName("config")
	viper.AddConfigPath("./config")
	viper.SetDefault("ark.chat_model", "doubao-lite-4k")
	viper.SetDefault("ark.vision_model", "doubao-1-5-vision-pro-32k-250115")
	viper.SetEnvPrefix("TEA")
	viper.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))
	viper.AutomaticEnv()
	if err := viper.ReadInConfig(); err != nil {
		return nil, err
	}
	var config Config
	return &config, viper.Unmarshal(&config)
}
