from flask import Flask, request

from bots.chinese import BaichuanBot, MiniMaxBot, StepBot

app = Flask(__name__)
BOTS = {"writer": BaichuanBot(), "reader": StepBot("32k"), "chat": MiniMaxBot()}


@app.post("/<name>")
def ask(name: str):
    return BOTS[name].ask(request.json["text"])
