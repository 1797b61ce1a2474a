import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, Field

ROOT = Path(__file__).resolve().parent.parent


class LLMSettings(BaseModel):
    model: str = Field(..., description="Model name")
    base_url: str = Field(..., description="API base URL")
    api_key: str
    max_tokens: int = 4096
    temperature: float = 1.0


@cache
def llm_settings() -> dict[str, LLMSettings]:
    with (ROOT / "config" / "config.toml").open("rb") as f:
        raw = tomllib.load(f)["llm"]
    base = {k: v for k, v in raw.items() if not isinstance(v, dict)}
    overrides = {k: v for k, v in raw.items() if isinstance(v, dict)}
    return {"default": LLMSettings(**base)} | {name: LLMSettings(**{**base, **v}) for name, v in overrides.items()}
