from litellm import aembedding


async def embed(texts: list[str]):
    return await aembedding(model="voyage/voyage-3-lite", input=texts)
