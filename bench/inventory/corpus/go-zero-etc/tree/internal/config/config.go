package config

import (
	"github.com/zeromicro/go-zero/core/stores/redis"
	"github.com/zeromicro/go-zero/rest"
)

// Config of the service.
type Config struct {
	rest.RestConf
	Redis redis.RedisConf
	LLM   struct {
		BaseURL        string
		ApiKey         string
		ChatModel      string `json:",default=hunyuan-lite"`
		EmbeddingModel string `json:",default=hunyuan-embedding"`
		MaxTokens      int    `json:",default=1024"`
	}
}
