#!/bin/bash
python -m vllm.entrypoints.openai.api_server --model facebook/opt-125m --port 8100 &
sleep 30
python benchmark_serving.py --model facebook/opt-125m --port 8100 --num-prompts 200
