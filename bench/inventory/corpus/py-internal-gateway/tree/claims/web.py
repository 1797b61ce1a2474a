from flask import Flask, request

from claims.client import guard, similar, summarise

app = Flask(__name__)


@app.post("/claims")
def claims():
    text = request.json["text"]
    if not guard(text):
        return {"error": "refused"}, 400
    return {"summary": summarise(text), "vector": similar(text)}
