from fastapi import FastAPI

from answer import http

app = FastAPI()


@app.get("/ask")
def ask(q: str, kind: str = "text"):
    if not http.guard(q, kind):
        return {"answer": None}
    http.embed([q])
    http.rerank(q, ["a", "b"])
    return {"answer": http.chat(q)}
