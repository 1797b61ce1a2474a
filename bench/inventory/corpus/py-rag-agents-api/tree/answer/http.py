import os

import requests

from answer.settings import models as m


def chat(text: str) -> str:
    body = {"model": m.chat, "messages": [{"role": "user", "content": text}]}
    headers = {"Authorization": f"Bearer {os.environ['COHERE_KEY']}"}
    reply = requests.post("https://api.cohere.com/v2/chat", json=body, headers=headers, timeout=60)
    if reply.status_code == 429:
        body["model"] = m.chat_busy
        reply = requests.post("https://api.cohere.com/v2/chat", json=body, headers=headers, timeout=60)
    return reply.json()["message"]["content"][0]["text"]


def embed(texts: list[str]) -> list:
    body = {"model": m.embed, "task": "retrieval.passage", "input": texts}
    return requests.post("https://api.jina.ai/v1/embeddings", json=body, timeout=60).json()["data"]


def rerank(query: str, documents: list[str]) -> list:
    body = {"query": query, "documents": documents, "model": m.rerank}
    return requests.post("https://api.voyageai.com/v1/rerank", json=body, timeout=60).json()["data"]


def guard(text: str, kind: str) -> bool:
    match kind:
        case "image":
            model = "omni-moderation-2024-09-26"
        case _:
            model = "text-moderation-stable"
    body = {"model": model, "input": text}
    return not requests.post("https://api.openai.com/v1/moderations", json=body, timeout=60).json()["results"][0]["flagged"]
