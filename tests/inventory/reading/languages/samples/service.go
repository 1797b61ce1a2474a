package chat

import (
	"cmp"
	"context"
	"fmt"
	"os"

	openai "github.com/sashabaranov/go-openai"
	"github.com/spf13/viper"
	"github.com/volcengine/volcengine-go-sdk/service/arkruntime"
	"github.com/volcengine/volcengine-go-sdk/service/arkruntime/model"
	"github.com/volcengine/volcengine-go-sdk/volcengine"
	"example.org/shop/config/v2"
)

// DefaultModel answers where nothing else is asked for.
const DefaultModel = "qwen-plus"

// const DefaultModel = "qwen-turbo"

type Tier string

const (
	Small Tier = "qwen-turbo"
	Large Tier = "qwen-max"
)

var models = map[string]string{"fast": "glm-4-flash", "deep": DefaultModel}
var allowed = []string{"qwen-plus", "qwen-max"}

type Config struct {
	Model   string `env:"LLM_MODEL" envDefault:"doubao-pro-32k"`
	BaseURL string `mapstructure:"base_url" yaml:"base_url" default:"https://ark.cn-beijing.volces.com/api/v3"`
	Rerank  string `json:"rerank,default=gte-rerank"`
	Vision  struct {
		Model string `yaml:"model"`
	} `yaml:"vision"`
	Note string `json:"note"`
}

type Client struct {
	*Config
	api *openai.Client
}

func init() {
	viper.SetDefault("llm.embedding", "text-embedding-v3")
	os.Setenv("REGION", "cn-beijing")
}

func getEnv(key, fallback string) string {
	if value, ok := os.LookupEnv(key); ok {
		return value
	}
	return fallback
}

func New(c *Config) *Client {
	if c.Model == "" {
		c.Model = DefaultModel
	}
	key := os.Getenv("DASHSCOPE_API_KEY")
	conf := openai.DefaultConfig(key)
	conf.BaseURL = cmp.Or(os.Getenv("BASE_URL"), "https://dashscope.aliyuncs.com/compatible-mode/v1")
	return &Client{Config: c, api: openai.NewClientWithConfig(conf)}
}

func (c *Client) Ask(ctx context.Context, question string) (string, error) {
	name := getEnv("CHAT_MODEL", "qwen-plus")
	vision := os.Getenv("VISION_MODEL")
	if vision == "" {
		vision = "qwen-vl-max"
	}
	if v := os.Getenv("OVERRIDE"); v != "" {
		c.override = v
	}
	resp, err := c.api.CreateChatCompletion(ctx, openai.ChatCompletionRequest{
		Model:    c.Model,
		Messages: []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleUser, Content: question}},
	})
	if err != nil {
		return c.again(ctx, "qwen-turbo")
	}
	switch name {
	case "gpt-4o", "gpt-4o-mini":
		name = openai.GPT4o
	default:
	}
	return fmt.Sprintf("%s/%s: %v", "org", name, resp), nil
}

func ark(ctx context.Context) {
	client := arkruntime.NewClientWithApiKey(os.Getenv("ARK_API_KEY"), arkruntime.WithBaseUrl(config.URL))
	client.CreateChatCompletion(ctx, &model.ChatCompletionRequest{
		Model: volcengine.String("ep-20240101-abcde"),
	})
	embedding := viper.GetString("llm.embedding")
	_ = embedding
}

func TestAsk(t *testing.T) {
	New(&Config{Model: "test-model"})
}
