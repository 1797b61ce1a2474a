from openai import OpenAI

from api.db import Tenant
from api.settings import LLM


def chat(tenant_id: int, messages: list) -> str:
    tenant = Tenant.get_by_id(tenant_id)
    client = OpenAI(api_key=LLM["api_key"], base_url=LLM["base_url"])
    reply = client.chat.completions.create(model=tenant.llm_id, messages=messages)
    return reply.choices[0].message.content


def welcome() -> str:
    client = OpenAI(api_key=LLM["api_key"], base_url=LLM["base_url"])
    reply = client.chat.completions.create(
        model=LLM["default_models"]["chat_model"], messages=[{"role": "user", "content": "欢迎语"}]
    )
    return reply.choices[0].message.content
