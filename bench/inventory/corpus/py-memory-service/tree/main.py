import os

from fastapi import FastAPI
from mem0 import Memory

LLM_MODEL = os.environ.get("MEMORY_LLM_MODEL", "gpt-4.1-mini")
EMBEDDER_MODEL = os.environ.get("MEMORY_EMBEDDER_MODEL", "BAAI/bge-m3")

DEFAULT_CONFIG = {
    "version": "v1.1",
    "vector_store": {
        "provider": "qdrant",
        "config": {"host": "qdrant", "port": 6333, "embedding_model_dims": 1024},
    },
    "llm": {
        "provider": "openai",
        "config": {
            "model": LLM_MODEL,
            "temperature": 0.2,
            "openai_base_url": os.environ["SILICONFLOW_BASE_URL"],
            "api_key": os.environ["SILICONFLOW_API_KEY"],
        },
    },
    "embedder": {
        "provider": "openai",
        "config": {
            "model": EMBEDDER_MODEL,
            "openai_base_url": os.environ["SILICONFLOW_BASE_URL"],
            "api_key": os.environ["SILICONFLOW_API_KEY"],
        },
    },
}

memory = Memory.from_config(DEFAULT_CONFIG)
app = FastAPI(title="Memories")


@app.post("/memories")
def add(body: dict):
    return memory.add(body["messages"], user_id=body["user_id"])


@app.get("/memories/{user_id}")
def search(user_id: str, query: str):
    return memory.search(query, user_id=user_id)
