package main

// Config comes from the environment.
type Config struct {
	Listen    string `env:"LISTEN" envDefault:":7070"`
	BaseURL   string `env:"LLM_URL" envDefault:"https://api.minimaxi.com/v1"`
	Model     string `env:"LLM_MODEL" envDefault:"MiniMax-Text-01"`
	Embedding string `env:"EMBED_MODEL" envDefault:"embo-01"`
	Token     string `env:"LLM_TOKEN,required"`
}

const legacyModel = "abab5.5-chat"
