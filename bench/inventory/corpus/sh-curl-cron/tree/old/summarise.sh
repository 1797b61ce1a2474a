#!/bin/sh
curl -s https://api.openai.com/v1/completions -H "Authorization: Bearer $KEY" -d '{"model": "text-curie-001", "prompt": "x"}'
