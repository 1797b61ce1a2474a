import os

# 本地向量模型
embedding_model_dict = {
    "text2vec-base": "shibing624/text2vec-base-chinese",
    "m3e-base": "moka-ai/m3e-base",
    "bge-small-zh": "BAAI/bge-small-zh-v1.5",
}

# 选用的 Embedding 名称
EMBEDDING_MODEL = "bge-small-zh"
EMBEDDING_DEVICE = "cuda"

llm_model_dict = {
    "chatglm3-6b": {
        "local_model_path": "THUDM/chatglm3-6b",
        "api_base_url": "http://localhost:8888/v1",
        "api_key": "EMPTY",
    },
    "baichuan2-13b": {
        "local_model_path": "baichuan-inc/Baichuan2-13B-Chat",
        "api_base_url": "http://localhost:8888/v1",
        "api_key": "EMPTY",
    },
    "gpt-3.5-turbo": {
        "api_base_url": "https://api.openai.com/v1",
        "api_key": os.environ.get("OPENAI_API_KEY"),
    },
}

# LLM 名称
LLM_MODEL = "chatglm3-6b"
HISTORY_LEN = 3
VECTOR_SEARCH_TOP_K = 5
