import os

INSTALLED_APPS = ["django.contrib.admin", "garage", "assistant"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LLM_BASE_URL = "https://api.deepseek.com"
LLM_API_KEY = os.environ.get("LLM_API_KEY", "")
LLM_MODEL = "deepseek-chat"
LLM_REASONING_MODEL = os.environ.get("LLM_REASONING_MODEL", "deepseek-reasoner")
