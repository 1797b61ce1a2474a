#!/usr/bin/env bash
set -euo pipefail
. "$(dirname "$0")/settings.sh"

MODEL="${MODEL:-kimi-latest}"
ENDPOINT="${ENDPOINT:-https://api.moonshot.cn/v1}"

ask() {
  curl -sS "$ENDPOINT/chat/completions" \
    -H "Authorization: Bearer $MOONSHOT_KEY" -H 'Content-Type: application/json' \
    -d "{\"model\": \"$MODEL\", \"messages\": [{\"role\": \"user\", \"content\": \"$1\"}]}" |
    jq -r '.choices[0].message.content'
}

for file in "$@"; do
  ask "用一句话概括：$(head -c 2000 "$file")"
done
