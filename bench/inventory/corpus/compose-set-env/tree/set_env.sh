#!/bin/bash
# 启动前执行：source set_env.sh && docker compose up -d
export LLM_BASE_URL="https://api.siliconflow.cn/v1"
export LLM_MODEL="Qwen/Qwen2.5-32B-Instruct"
export EMBED_MODEL_NAME="netease-youdao/bce-embedding-base_v1"
