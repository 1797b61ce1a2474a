#!/bin/sh
ollama serve &
sleep 5
ollama pull qwen2.5:7b
ollama pull qwen2.5:1.5b
ollama pull deepseek-r1:14b
wait
