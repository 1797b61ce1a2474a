package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"

	"github.com/cloudwego/eino/flow/agent/react"
	"github.com/cloudwego/eino/schema"
	"github.com/joho/godotenv"

	"example.com/kitchen/model"
)

func main() {
	if err := godotenv.Load(); err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	chat, err := model.NewChatModel(ctx)
	if err != nil {
		log.Fatal(err)
	}
	agent, err := react.NewAgent(ctx, &react.AgentConfig{ToolCallingModel: chat, MaxStep: 12})
	if err != nil {
		log.Fatal(err)
	}
	embedder, err := model.NewEmbedder(ctx)
	if err != nil {
		log.Fatal(err)
	}
	scanner := bufio.NewScanner(os.Stdin)
	for scanner.Scan() {
		if _, err := embedder.EmbedStrings(ctx, []string{scanner.Text()}); err != nil {
			log.Println(err)
		}
		answer, err := agent.Generate(ctx, []*schema.Message{schema.UserMessage(scanner.Text())})
		if err != nil {
			log.Println(err)
			continue
		}
		fmt.Println(answer.Content)
	}
}
