import os

LLM_BASE_URL = os.getenv("LLM_BASE_URL", "http://localhost:7802/v1")
LLM_MODEL = os.getenv("LLM_MODEL", "MiniChat-2-3B")
LLM_API_KEY = os.getenv("LLM_API_KEY", "none")
EMBED_MODEL = os.getenv("EMBED_MODEL_NAME", "moka-ai/m3e-large")
RERANK_MODEL = os.getenv("RERANK_MODEL_NAME")
