from configs import EMBED_MODEL, LLM_API_KEY, LLM_BASE_URL, LLM_MODEL, RERANK_MODEL
from FlagEmbedding import FlagReranker
from openai import OpenAI
from sanic import Sanic, json
from sentence_transformers import SentenceTransformer

app = Sanic("qa")
client = OpenAI(base_url=LLM_BASE_URL, api_key=LLM_API_KEY)
embedder = SentenceTransformer(EMBED_MODEL)
reranker = FlagReranker(RERANK_MODEL)


@app.post("/ask")
async def ask(request):
    question = request.json["question"]
    embedder.encode(question)
    reranker.compute_score([question, "…"])
    reply = client.chat.completions.create(model=LLM_MODEL, messages=[{"role": "user", "content": question}])
    return json({"answer": reply.choices[0].message.content})
