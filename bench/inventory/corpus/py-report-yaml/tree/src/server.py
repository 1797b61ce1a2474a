from fastapi import FastAPI

from src.graph import graph

app = FastAPI()


@app.post("/report")
async def report(body: dict) -> dict:
    state = await graph.ainvoke({"messages": [("user", body["topic"])]})
    return {"report": state["messages"][-1].content}
