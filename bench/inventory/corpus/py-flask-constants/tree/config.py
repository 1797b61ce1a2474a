# -*- coding: utf-8 -*-
import os

ZHIPU_API_KEY = os.getenv("ZHIPUAI_API_KEY", "")

# 对话模型
CHAT_MODEL = os.getenv("CHAT_MODEL", "glm-4-flash")
# CHAT_MODEL = "glm-4-0520"   # 旧版本，价格较高
VISION_MODEL = os.environ.get("VISION_MODEL") or "glm-4v-plus"
EMBED_MODEL = "embedding-2"
EMBED_MODEL = "embedding-3"

# 以前的多轮对话接口使用，现已不用
LEGACY_MODEL = "chatglm_pro"

MAX_HISTORY = int(os.getenv("MAX_HISTORY", "10"))
