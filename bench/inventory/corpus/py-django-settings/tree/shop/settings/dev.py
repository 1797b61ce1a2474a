from .base import *  # noqa: F403

DEBUG = True
LLM_BASE_URL = "http://localhost:11434/v1"
LLM_MODEL = "qwen2.5:3b"
