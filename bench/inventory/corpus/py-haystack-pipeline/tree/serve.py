from pathlib import Path

from fastapi import FastAPI
from haystack import Pipeline

app = FastAPI()
pipeline = Pipeline.loads(Path("pipelines/ask.yaml").read_text())


@app.get("/ask")
def ask(q: str):
    return pipeline.run({"text_embedder": {"text": q}})
