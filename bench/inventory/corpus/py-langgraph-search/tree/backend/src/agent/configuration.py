import os
from typing import Any

from langchain_core.runnables import RunnableConfig
from pydantic import BaseModel, Field


class Configuration(BaseModel):
    """What may be set for one run."""

    query_generator_model: str = Field(
        default="gemini-2.0-flash",
        description="The model that writes the search queries.",
    )
    reflection_model: str = Field(
        default="gemini-2.5-flash",
        description="The model that judges what is missing.",
    )
    answer_model: str = Field(
        default="gemini-2.5-pro",
        description="The model that writes the answer.",
    )
    max_research_loops: int = Field(default=2)

    @classmethod
    def from_runnable_config(cls, config: RunnableConfig | None = None) -> "Configuration":
        configurable = config["configurable"] if config and "configurable" in config else {}
        raw: dict[str, Any] = {
            name: os.environ.get(name.upper(), configurable.get(name)) for name in cls.model_fields
        }
        return cls(**{k: v for k, v in raw.items() if v is not None})
