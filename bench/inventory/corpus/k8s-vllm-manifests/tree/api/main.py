from fastapi import FastAPI

from api import llm
from api.store import nearest

app = FastAPI()


@app.post("/ask")
def ask(body: dict) -> dict:
    context = "\n".join(nearest(llm.embed(body["question"])))
    return {"answer": llm.answer(body["question"], context)}
