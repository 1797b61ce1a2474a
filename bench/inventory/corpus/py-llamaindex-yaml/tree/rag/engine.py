from llama_index.core import Settings, SimpleDirectoryReader, VectorStoreIndex
from llama_index.core.postprocessor import SentenceTransformerRerank
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.llms.openai_like import OpenAILike

from rag.config import CONFIG

Settings.llm = OpenAILike(
    model=CONFIG["llm"]["model"],
    api_base=CONFIG["llm"]["api_base"],
    api_key="none",
    is_chat_model=True,
    context_window=CONFIG["llm"]["context_window"],
)
Settings.embed_model = HuggingFaceEmbedding(model_name=CONFIG["embedding"]["model"])
Settings.chunk_size = CONFIG["splitter"]["chunk_size"]


def engine(folder: str):
    index = VectorStoreIndex.from_documents(SimpleDirectoryReader(folder).load_data())
    post = []
    if CONFIG["rerank"]["enabled"]:
        post.append(SentenceTransformerRerank(model=CONFIG["rerank"]["model"], top_n=CONFIG["rerank"]["top_n"]))
    return index.as_query_engine(node_postprocessors=post)
