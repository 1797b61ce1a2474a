#!/bin/sh
curl -s http://huggingface-llama3.models.svc.cluster.local/openai/v1/chat/completions \
  -H 'Content-Type: application/json' \
  -d '{"model": "llama3", "messages": [{"role": "user", "content": "hi"}]}'
