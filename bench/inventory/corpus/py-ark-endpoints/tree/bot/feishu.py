from fastapi import FastAPI

from bot.ask import ask

app = FastAPI()


@app.post("/event")
def event(body: dict) -> dict:
    text = body["event"]["message"]["content"]
    if "图" in text:
        return {"text": ask("VISION", text)}
    return {"text": ask("DEEPSEEK" if text.startswith("想") else "SPARK", text)}
