from fastapi import FastAPI

from desk.clients import call, review, vectors

app = FastAPI()


@app.post("/report")
def report(body: dict) -> dict:
    plan = call("strategic", body["topic"])
    notes = call("fast", plan)
    vectors(notes)
    text = call("smart", notes)
    return {"report": text, "review": review(text)}
