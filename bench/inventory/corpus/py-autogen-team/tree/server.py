from fastapi import FastAPI

from team import quote

app = FastAPI()


@app.post("/quote")
def make_quote(request: dict) -> dict:
    return {"quote": quote(request["text"])}
