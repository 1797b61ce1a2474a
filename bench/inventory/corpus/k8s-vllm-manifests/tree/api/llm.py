import os

from openai import OpenAI

LLM_MODEL = os.getenv("LLM_MODEL", "Qwen/Qwen2.5-32B-Instruct")
EMBED_MODEL = os.getenv("EMBED_MODEL", "embedding-3")

chat_client = OpenAI()
embed_client = OpenAI(api_key=os.environ["EMBED_API_KEY"], base_url="https://open.bigmodel.cn/api/paas/v4/")


def answer(question: str, context: str) -> str:
    response = chat_client.chat.completions.create(
        model=LLM_MODEL,
        messages=[{"role": "system", "content": context}, {"role": "user", "content": question}],
    )
    return response.choices[0].message.content


def embed(text: str) -> list[float]:
    return embed_client.embeddings.create(model=EMBED_MODEL, input=text).data[0].embedding
