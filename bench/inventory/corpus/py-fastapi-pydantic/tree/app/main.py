from fastapi import FastAPI
from pydantic import BaseModel

from app import llm

app = FastAPI(title="Nova desk assistant")


class Question(BaseModel):
    text: str
    model_config = {"str_max_length": 4000}


@app.post("/chat")
async def chat(question: Question) -> dict:
    answer = await llm.chat([{"role": "user", "content": question.text}])
    return {"answer": answer, "title": await llm.title(question.text)}
