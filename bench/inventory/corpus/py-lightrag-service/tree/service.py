import asyncio
import os
from functools import partial

from lightrag import LightRAG, QueryParam
from lightrag.llm.openai import openai_complete_if_cache, openai_embed
from lightrag.utils import EmbeddingFunc


async def llm_model_func(prompt, system_prompt=None, history_messages=(), model="yi-lightning", **kwargs):
    return await openai_complete_if_cache(
        os.getenv("LLM_NAME", model),
        prompt,
        system_prompt=system_prompt,
        history_messages=list(history_messages),
        base_url="https://api.lingyiwanwu.com/v1",
        api_key=os.environ["YI_KEY"],
        **kwargs,
    )


embed = partial(
    openai_embed,
    model="BAAI/bge-m3",
    base_url="https://api.siliconflow.cn/v1",
    api_key=os.environ["SILICON_KEY"],
)


async def keywords(prompt, model_name="yi-medium"):
    return await openai_complete_if_cache(
        model_name, prompt, base_url="https://api.lingyiwanwu.com/v1", api_key=os.environ["YI_KEY"]
    )


def old_rerank(query, model="BAAI/bge-reranker-v2-m3"):
    raise NotImplementedError("removed in March")


rag = LightRAG(
    working_dir="./store",
    llm_model_func=llm_model_func,
    embedding_func=EmbeddingFunc(embedding_dim=1024, max_token_size=8192, func=embed),
)


async def ask(question: str) -> str:
    await keywords(question)
    return await rag.aquery(question, param=QueryParam(mode="hybrid"))


if __name__ == "__main__":
    print(asyncio.run(ask("这份合同什么时候到期？")))
