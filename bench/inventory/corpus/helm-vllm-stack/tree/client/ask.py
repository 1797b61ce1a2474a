import sys

from openai import OpenAI

client = OpenAI(base_url="http://serving-router-service.serving.svc.cluster.local/v1", api_key="EMPTY")
reply = client.chat.completions.create(model="claims-large", messages=[{"role": "user", "content": sys.argv[1]}])
print(reply.choices[0].message.content)
