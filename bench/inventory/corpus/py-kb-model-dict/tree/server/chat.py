from langchain.chat_models import ChatOpenAI
from langchain.embeddings import HuggingFaceEmbeddings
from langchain.vectorstores import FAISS

from configs.model_config import (
    EMBEDDING_DEVICE,
    EMBEDDING_MODEL,
    LLM_MODEL,
    VECTOR_SEARCH_TOP_K,
    embedding_model_dict,
    llm_model_dict,
)

embeddings = HuggingFaceEmbeddings(
    model_name=embedding_model_dict[EMBEDDING_MODEL], model_kwargs={"device": EMBEDDING_DEVICE}
)


def answer(query: str, kb: str) -> str:
    store = FAISS.load_local(f"knowledge_base/{kb}", embeddings)
    docs = store.similarity_search(query, k=VECTOR_SEARCH_TOP_K)
    model = ChatOpenAI(
        openai_api_key=llm_model_dict[LLM_MODEL]["api_key"],
        openai_api_base=llm_model_dict[LLM_MODEL]["api_base_url"],
        model_name=LLM_MODEL,
    )
    context = "\n".join(doc.page_content for doc in docs)
    return model.predict(f"已知信息：{context}\n问题：{query}")
