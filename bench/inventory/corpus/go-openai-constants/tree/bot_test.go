package main

import "testing"

func TestModelIsKept(t *testing.T) {
	bot := &Bot{model: "test-model-x"}
	if bot.model != "test-model-x" {
		t.Fatal("lost")
	}
}
