import os

import httpx
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI(base_url=os.environ["LLM_BASE"], api_key="-")


@app.post("/ask")
def ask(body: dict):
    vector = httpx.post(os.environ["EMBED_URL"], json={"inputs": body["q"]}).json()
    reply = client.chat.completions.create(
        model="baichuan2-13b-chat", messages=[{"role": "user", "content": body["q"]}]
    )
    return {"answer": reply.choices[0].message.content, "size": len(vector[0])}
