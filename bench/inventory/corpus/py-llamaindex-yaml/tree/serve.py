from fastapi import FastAPI

from rag.engine import engine

app = FastAPI()
answers = engine("documents")


@app.get("/ask")
def ask(q: str):
    return {"answer": str(answers.query(q))}
