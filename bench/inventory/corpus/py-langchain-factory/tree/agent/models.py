import os

from langchain_anthropic import ChatAnthropic
from langchain_core.language_models import BaseChatModel
from langchain_ollama import ChatOllama
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

DEFAULTS = {
    "openai": "gpt-4.1",
    "anthropic": "claude-3-7-sonnet-20250219",
    "moonshot": "kimi-k2-0711-preview",
    "ollama": "qwen3:8b",
}


def get_llm(provider: str | None = None, temperature: float = 0) -> BaseChatModel:
    provider = provider or os.getenv("LLM_PROVIDER", "openai")
    model = os.getenv("LLM_MODEL") or DEFAULTS[provider]
    if provider == "openai":
        return ChatOpenAI(model=model, temperature=temperature)
    if provider == "anthropic":
        return ChatAnthropic(model=model, temperature=temperature)
    if provider == "moonshot":
        return ChatOpenAI(
            model=model,
            temperature=temperature,
            base_url="https://api.moonshot.cn/v1",
            api_key=os.environ["MOONSHOT_API_KEY"],
        )
    if provider == "ollama":
        return ChatOllama(model=model, base_url=os.getenv("OLLAMA_HOST", "http://ollama:11434"))
    raise ValueError(f"unknown provider {provider}")


def get_embeddings() -> OpenAIEmbeddings:
    return OpenAIEmbeddings(
        model="moonshot-embed-v1", base_url="https://api.moonshot.cn/v1", api_key=os.environ["MOONSHOT_API_KEY"]
    )
