from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


@app.post("/ask")
def ask(body: dict):
    return client.chat.completions.create(model="pharmacy", messages=body["messages"])
