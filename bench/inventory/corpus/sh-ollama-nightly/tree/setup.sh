#!/usr/bin/env bash
set -euo pipefail

ollama pull qwen3:8b
ollama pull nomic-embed-text
# ollama pull deepseek-r1:32b
ollama create minutes -f Modelfile

install -m 644 minutes.service minutes.timer /etc/systemd/system/
install -m 644 minutes.env /etc/minutes.env
systemctl daemon-reload
systemctl enable --now minutes.timer
