"""Clerk's assistant.

Before the move to the internal gateway this called ``gpt-4`` at OpenAI.
"""
import os

from openai import OpenAI

GATEWAY = os.getenv("LLM_GATEWAY", "https://llm.internal-corp.example/v1")

client = OpenAI(base_url=GATEWAY, api_key=os.getenv("LLM_TOKEN", "none"))


def summarise(claim: str) -> str:
    """Three sentences about a claim."""
    reply = client.chat.completions.create(
        model="acme-chat-7b",
        messages=[{"role": "user", "content": f"Summarise: {claim}"}],
    )
    return reply.choices[0].message.content


def similar(text: str) -> list[float]:
    return client.embeddings.create(model="acme-embed", input=text).data[0].embedding


def guard(text: str) -> bool:
    reply = client.moderations.create(model="acme-guard-2024-11", input=text)
    return not reply.results[0].flagged
