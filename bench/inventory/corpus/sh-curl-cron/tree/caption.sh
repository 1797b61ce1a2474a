#!/bin/sh
# Captions for the pictures of the week.
cat > /tmp/body.json <<JSON
{
  "model": "glm-4v-flash",
  "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "$1"}}]}]
}
JSON
curl -s https://open.bigmodel.cn/api/paas/v4/chat/completions -H "Authorization: Bearer $ZHIPU_KEY" -d @/tmp/body.json
