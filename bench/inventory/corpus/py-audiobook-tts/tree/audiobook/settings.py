import os

import dashscope

dashscope.api_key = os.getenv("DASHSCOPE_API_KEY")

COSY_MODEL = "cosyvoice-v2"
COSY_VOICE = "longxiaochun_v2"
CLEAN_MODEL = os.getenv("CLEAN_MODEL", "qwen-long")
CHUNK = 1500
