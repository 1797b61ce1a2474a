#!/bin/sh
helm repo add vllm https://vllm-project.github.io/production-stack
helm upgrade --install serving vllm/vllm-stack -f values.yaml -n serving
