"""What the name of a variable, field, key or argument says that its value is."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
"""The words of a name in any spelling."""


class Role(StrEnum):
    """What a value is for."""

    NONE = ""
    MODEL = "model"
    HOST = "host"
    PROVIDER = "provider"
    SWITCH = "switch"


MODEL = re.compile(
    r"(?:^|_)(?:models?|model_?(?:name|id|path|version|type|repo|key|code|slug|uri|url|dir|string|arn|source)|modelname|"
    r"modelid|llm|llm_name|engine|engine_name|deployment|deployment_(?:name|id|model)|azure_deployment|"
    r"pretrained_model_name_or_path|"
    r"model_name_or_path|base_model(?:_name(?:_or_path)?)?|foundation_model|checkpoint|ckpt|repo_id|hf_repo|"
    r"embedder|embeddings?|reranker?|rerank|embed|storage_uri|served_model_name|model_group|vlm|"
    r"asr|tts|ocr|whisper|endpoint_id|ep_id|model_default|default_model_id)$"
)
"""What a model is called at the end of a name: ``chat_model``, ``llm``, ``model_name_or_path``."""
MODEL_BEGINS = re.compile(
    r"^(?:model|llm|embedding|rerank(?:er)?)_(?:default|main|primary|chat|fast|slow|small|large)$"
)
"""Names that say after the word which of several models it is: ``model_fast``."""
HOST = re.compile(
    r"(?:^|_)(?:base_?url|api_?base|base|endpoint|api_?endpoint|api_?url|url|uri|host|hostname|server|address|addr|"
    r"proxy|proxy_url|gateway|base_path|api_host|server_url|service_url|baseurl|upstream)$"
)
"""What an address is called: ``base_url``, ``api_base``, ``endpoint``."""
PROVIDER = re.compile(
    r"(?:^|_)(?:provider|vendor|platform|backend|llm_type|model_type|model_provider|api_type|channel|factory|binding|"
    r"custom_llm_provider|source)$"
)
"""What says whose service it is: ``provider``, ``vendor``, ``llm_type``."""
NO_MODEL = re.compile(
    r"(?:^|_)(?:user|auth_user|view|data|domain|orm|db|database|table|car|vehicle|device|phone|product|tax|pricing|"
    r"threat|physics|collision|mesh|three|3d|business|cost|printer|camera|hardware|machine|form)_models?(?:_name|_id)?$"
)
"""Models of other trades."""
HINTS = re.compile(
    r"(?:^|_)(?:llms?|openai|gpt|chat|chatbot|embeddings?|embed|rerank(?:er)?|completions?|ai|azure|anthropic|claude|"
    r"gemini|qwen|dashscope|tongyi|deepseek|zhipu|glm|moonshot|kimi|doubao|ark|volc\w*|hunyuan|qianfan|ernie|wenxin|"
    r"spark|minimax|ollama|vllm|xinference|litellm|assistant|agent|rag|summar\w+|vision|vlm?|tts|asr|stt|whisper|speech|"
    r"image|translat\w+|generat\w+|generator|inference|siliconflow|openrouter|hf|huggingface|smart|fast|reason\w*|"
    r"bedrock|vertex|semantic|copilot|langchain|llamaindex|mistral|cohere|groq|xai|grok)(?:_|$)"
)
"""Words beside ``model`` which say that it is one of ours."""
SWITCH = re.compile(
    r"(?:^|_)(?:enabled?|disabled?|active|is_active|is_enabled|use|on|switch|status|state|open)$|^(?:enable|use|disable)_"
)
"""What turns something on or off: ``enabled``, ``is_active``, ``use_…``."""
BESIDE = re.compile(r"_?(?:default|api|name|id)$")
"""Words behind a stem which say nothing of whose setting it is."""
LONGEST_NAME = 120
"""Nobody names a variable longer."""


@lru_cache(maxsize=65_536)
def snake(name: str) -> str:
    """``chatModelName``, ``CHAT-MODEL.NAME`` → ``chat_model_name``."""
    return "_".join(WORDS.findall(name)).lower()


@lru_cache(maxsize=65_536)
def role(name: str) -> Role:
    """What a name says of its value."""
    if len(name) > LONGEST_NAME:
        return Role.NONE
    plain = snake(name)
    if MODEL.search(plain) or MODEL_BEGINS.search(plain):
        return Role.NONE if NO_MODEL.search(plain) else Role.MODEL
    others = ((Role.HOST, HOST), (Role.PROVIDER, PROVIDER), (Role.SWITCH, SWITCH))
    return next((each for each, pattern in others if pattern.search(plain)), Role.NONE)


@lru_cache(maxsize=65_536)
def hinted(name: str) -> bool:
    """Whether a name speaks of AI, not only of some model."""
    return HINTS.search(snake(name)) is not None


@lru_cache(maxsize=65_536)
def stem(name: str) -> str:
    """What is left of a name without the word for its role: ``LLM_BASE_URL`` and ``LLM_MODEL`` → ``llm``."""
    plain = snake(name)
    for pattern in (MODEL, HOST, PROVIDER):
        plain = pattern.sub("", plain)
    return BESIDE.sub("", plain).strip("_")


@lru_cache(maxsize=65_536)
def flat(name: str) -> str:
    """A key as all spellings of it have it: ``baseUrl``, ``base-url``, ``BASE_URL``."""
    return snake(name).replace("_", "")
