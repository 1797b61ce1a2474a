import os

from dotenv import load_dotenv

load_dotenv()

ARK_BASE = "https://ark.cn-beijing.volces.com/api/v3"

# 名称 -> 接入点
ENTRIES = {
    "SPARK": {"base_url": ARK_BASE, "model": "ep-20240812093015-x7k2p"},
    "DEEPSEEK": {"base_url": ARK_BASE, "model": os.getenv("ARK_DEEPSEEK_EP", "deepseek-r1-250120")},
    "VISION": {"base_url": ARK_BASE, "model": os.environ["ARK_VISION_EP"]},
}
