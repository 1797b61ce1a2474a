from flask import Flask, jsonify, request

import config
from prompts import SYSTEM_PROMPT
from zhipuai import ZhipuAI

app = Flask(__name__)
client = ZhipuAI(api_key=config.ZHIPU_API_KEY)


@app.post("/ask")
def ask():
    body = request.get_json()
    messages = [{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": body["q"]}]
    response = client.chat.completions.create(model=config.CHAT_MODEL, messages=messages)
    return jsonify(answer=response.choices[0].message.content)


@app.post("/look")
def look():
    body = request.get_json()
    content = [{"type": "text", "text": body["q"]}, {"type": "image_url", "image_url": {"url": body["url"]}}]
    response = client.chat.completions.create(
        model=config.VISION_MODEL, messages=[{"role": "user", "content": content}]
    )
    return jsonify(answer=response.choices[0].message.content)


@app.post("/index")
def index():
    response = client.embeddings.create(model=config.EMBED_MODEL, input=request.get_json()["text"])
    return jsonify(size=len(response.data[0].embedding))
