from anthropic import Anthropic
from openai import OpenAI

from desk.roles import ENABLE_REVIEW, REVIEW_MODEL, Roles

roles = Roles()


def call(role: str, prompt: str) -> str:
    provider, model = getattr(roles, role).split(":", 1)
    if provider == "anthropic":
        message = Anthropic().messages.create(model=model, max_tokens=2000, messages=[{"role": "user", "content": prompt}])
        return message.content[0].text
    reply = OpenAI().chat.completions.create(model=model, messages=[{"role": "user", "content": prompt}])
    return reply.choices[0].message.content


def vectors(text: str) -> list[float]:
    return OpenAI().embeddings.create(model=roles.embedding.split(":")[1], input=text).data[0].embedding


def review(text: str) -> str | None:
    if not ENABLE_REVIEW:
        return None
    from google import genai

    return genai.Client().models.generate_content(model=REVIEW_MODEL, contents=text).text
