import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Roles:
    fast: str = os.getenv("FAST_LLM", "openai:gpt-4.1-nano")
    smart: str = os.getenv("SMART_LLM", "openai:gpt-4.1")
    strategic: str = field(default_factory=lambda: os.getenv("STRATEGIC_LLM", "anthropic:claude-opus-4-20250514"))
    embedding: str = "openai:text-embedding-3-small"


ENABLE_REVIEW = False
REVIEW_MODEL = "gemini-2.5-pro"
