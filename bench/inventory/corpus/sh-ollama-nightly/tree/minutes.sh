#!/usr/bin/env bash
set -euo pipefail

OLLAMA_URL="${OLLAMA_URL:-http://127.0.0.1:11434}"
MINUTES_MODEL="${MINUTES_MODEL:-qwen2.5:7b}"
INBOX="${INBOX:-/srv/minutes/inbox}"

for file in "$INBOX"/*.txt; do
  jq -n --arg model "$MINUTES_MODEL" --rawfile text "$file" \
    '{model: $model, prompt: $text, stream: false}' |
    curl -sS "$OLLAMA_URL/api/generate" -d @- |
    jq -r .response > "${file%.txt}.md"
  jq -n --rawfile text "$file" '{model: "nomic-embed-text", input: $text}' |
    curl -sS "$OLLAMA_URL/api/embed" -d @- > "${file%.txt}.json"
  mv "$file" /srv/minutes/done/
done
