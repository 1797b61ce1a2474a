package main

import (
	"log"

	"github.com/eatmoreapple/openwechat"

	"example.com/postbot/gpt"
)

func main() {
	bot := openwechat.DefaultBot(openwechat.Desktop)
	bot.MessageHandler = func(msg *openwechat.Message) {
		if !msg.IsText() {
			return
		}
		answer, err := gpt.Completions(msg.Content)
		if err != nil {
			log.Println(err)
			answer = "我现在有点忙，稍后再试。"
		}
		msg.ReplyText(answer)
	}
	if err := bot.Login(); err != nil {
		log.Fatal(err)
	}
	bot.Block()
}
