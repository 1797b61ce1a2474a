from types import SimpleNamespace

models = SimpleNamespace(
    chat="command-a-03-2025",
    chat_busy="command-r7b-12-2024",
    embed="jina-embeddings-v3",
    rerank="rerank-2-lite",
)
