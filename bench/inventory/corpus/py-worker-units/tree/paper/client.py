import os

import paper
from openai import OpenAI

client = OpenAI(base_url=paper.RELAY, api_key=os.environ["RELAY_TOKEN"])


def complete(prompt: str, model: str = paper.SUMMARY_MODEL) -> str:
    reply = client.chat.completions.create(model=model, messages=[{"role": "user", "content": prompt}])
    return reply.choices[0].message.content
