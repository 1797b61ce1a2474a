package svc

import (
	"github.com/sashabaranov/go-openai"

	"example.com/desk/internal/config"
)

// ServiceContext is what handlers share.
type ServiceContext struct {
	Config config.Config
	LLM    *openai.Client
}

// NewServiceContext connects.
func NewServiceContext(c config.Config) *ServiceContext {
	cfg := openai.DefaultConfig(c.LLM.ApiKey)
	cfg.BaseURL = c.LLM.BaseURL
	return &ServiceContext{Config: c, LLM: openai.NewClientWithConfig(cfg)}
}
