import os

from fastapi import FastAPI
from sentence_transformers import CrossEncoder, SentenceTransformer

app = FastAPI()
encoder = SentenceTransformer(os.environ["MODEL"])
ranker = CrossEncoder("cross-encoder/ms-marco-MiniLM-L-6-v2")


@app.get("/search")
def search(q: str):
    return {"vector": encoder.encode(q).tolist(), "score": float(ranker.predict([(q, "x")])[0])}
