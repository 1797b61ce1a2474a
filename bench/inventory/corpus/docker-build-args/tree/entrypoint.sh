#!/bin/sh
exec text-generation-launcher --model-id "${MODEL_ID:-bigscience/bloom-560m}" --port 8080
