import os

import redis
from fastapi import FastAPI, HTTPException
from openai import AsyncOpenAI

app = FastAPI()
store = redis.Redis(host="redis")
client = AsyncOpenAI(base_url=os.environ["HUB_UPSTREAM"], api_key=os.environ["HUB_KEY"])
ALLOWED = {"glm-4-9b-chat", "qwen2-72b-instruct"}


@app.post("/v1/chat/completions")
async def chat(body: dict):
    if body["model"] not in ALLOWED:
        raise HTTPException(403)
    return await client.chat.completions.create(model=body["model"], messages=body["messages"])


@app.post("/summary")
async def summary(body: dict):
    name = store.get("hub:summary-model").decode()
    return await client.chat.completions.create(model=name, messages=body["messages"])


@app.post("/judge")
async def judge(body: dict):
    return await client.chat.completions.create(model=os.environ["JUDGE_MODEL"], messages=body["messages"])


@app.post("/embed")
async def embed(body: dict):
    return await client.embeddings.create(model="bce-embedding-base_v1", input=body["input"])
