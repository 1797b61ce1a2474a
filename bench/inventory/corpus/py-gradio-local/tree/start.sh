#!/usr/bin/env bash
set -e
export HF_ENDPOINT=https://hf-mirror.com
python web_demo.py --checkpoint-path Qwen/Qwen2.5-14B-Instruct --server-port 8000
