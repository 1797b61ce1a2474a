from fastapi import FastAPI

from gateway.router import router

app = FastAPI()


@app.post("/complete")
async def complete(body: dict):
    return await router.acompletion(model="fast", messages=body["messages"])
