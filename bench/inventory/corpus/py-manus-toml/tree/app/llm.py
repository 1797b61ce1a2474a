from openai import AsyncOpenAI

from app.config import llm_settings


class LLM:
    def __init__(self, config_name: str = "default"):
        settings = llm_settings().get(config_name) or llm_settings()["default"]
        self.model = settings.model
        self.max_tokens = settings.max_tokens
        self.temperature = settings.temperature
        self.client = AsyncOpenAI(api_key=settings.api_key, base_url=settings.base_url)

    async def ask(self, messages: list[dict]) -> str:
        response = await self.client.chat.completions.create(
            model=self.model, messages=messages, max_tokens=self.max_tokens, temperature=self.temperature
        )
        return response.choices[0].message.content
