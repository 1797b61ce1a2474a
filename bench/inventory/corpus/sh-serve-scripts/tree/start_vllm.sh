#!/bin/bash
SIZE=${1:-32B}
export VLLM_USE_MODELSCOPE=true
vllm serve Qwen/QwQ-${SIZE} \
  --host 0.0.0.0 --port 8001 \
  --tensor-parallel-size 2 \
  --enable-lora --lora-modules tariff=./adapters/tariff-r16 \
  --speculative-config '{"model": "Qwen/Qwen2.5-0.5B", "num_speculative_tokens": 5}'
