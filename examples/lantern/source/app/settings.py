"""Where the models are, and which. Every default can be overridden by the environment."""

from __future__ import annotations

import os
from pathlib import Path

CONFIG = Path(__file__).parent.parent / "config"

# Our own models, served on our own machines behind an OpenAI-compatible gateway.
LOCAL_URL = os.environ.get("LANTERN_BASE_URL", "http://models:8000/v1")
CHAT_MODEL = os.environ.get("CHAT_MODEL", "lantern-chat-1")
EMBED_MODEL = os.environ.get("EMBED_MODEL", "lantern-embed-small")
PAINT_MODEL = os.environ.get("PAINT_MODEL", "lantern-paint-2")
FAST_PAINT_MODEL = os.environ.get("FAST_PAINT_MODEL", "lantern-paint-turbo")

# The companion calls a hosted model.
HOSTED_URL = os.environ.get("DASHSCOPE_BASE_URL", "https://dashscope.aliyuncs.com/compatible-mode/v1")
HOSTED_KEY = os.environ.get("DASHSCOPE_API_KEY", "")
COMPANION_MODEL = os.environ.get("COMPANION_MODEL", "qwen-plus")
