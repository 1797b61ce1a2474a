#!/bin/bash
xinference-local --host 0.0.0.0 --port 9997 &
sleep 20
xinference launch --model-name bge-m3 --model-type embedding
xinference launch --model-name bge-reranker-v2-m3 --model-type rerank
# xinference launch --model-name jina-embeddings-v3 --model-type embedding
