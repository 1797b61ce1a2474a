import os

from openai import OpenAI

client = OpenAI(base_url=os.environ["QIANFAN_URL"], api_key=os.environ["QIANFAN_TOKEN"])


def chat(text: str) -> str:
    model = os.getenv("CHAT_MODEL", "ernie-lite-8k")
    reply = client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}])
    return reply.choices[0].message.content


def embed(text: str) -> list[float]:
    return client.embeddings.create(model=os.environ["EMBEDDING_MODEL"], input=text).data[0].embedding
