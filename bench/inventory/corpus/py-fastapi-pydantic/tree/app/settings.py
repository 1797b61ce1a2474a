from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything that operations may set."""

    model_config = SettingsConfigDict(env_file=".env", env_prefix="NOVA_", extra="ignore")

    api_key: str = "sk-placeholder"
    base_url: str = "https://dashscope.aliyuncs.com/compatible-mode/v1"
    chat_model: str = "qwen-turbo"
    title_model: str = Field(default="qwen-flash", description="short titles for conversations")
    backup_model: str = "deepseek-v3"
    embedding_model: str = "text-embedding-v3"
    embedding_dim: int = 1024
    request_timeout: float = 60.0


@lru_cache
def get_settings() -> Settings:
    return Settings()
