package main

import (
	"flag"
	"log"
	"net/http"
	"os"

	openai "github.com/sashabaranov/go-openai"
)

var (
	model   = flag.String("model", "deepseek-chat", "chat model")
	baseURL = flag.String("base-url", "https://api.deepseek.com/v1", "OpenAI-compatible API")
	listen  = flag.String("listen", ":8080", "address")
)

func main() {
	flag.Parse()
	config := openai.DefaultConfig(os.Getenv("API_KEY"))
	config.BaseURL = *baseURL
	bot := &Bot{chat: openai.NewClientWithConfig(config), pictures: openai.NewClient(os.Getenv("OPENAI_KEY")), model: *model}
	http.HandleFunc("/slack", bot.Handle)
	log.Fatal(http.ListenAndServe(*listen, nil))
}
