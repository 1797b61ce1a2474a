"""Compares readers on a labelled folder. Not part of the service."""
import sys
from pathlib import Path

from openai import OpenAI

client = OpenAI(base_url="https://api.siliconflow.cn/v1")
CANDIDATES = ["deepseek-ai/deepseek-vl2", "Qwen/Qwen2.5-VL-32B-Instruct"]

for name in CANDIDATES:
    for image in Path(sys.argv[1]).glob("*.url"):
        content = [{"type": "image_url", "image_url": {"url": image.read_text().strip()}}]
        reply = client.chat.completions.create(model=name, messages=[{"role": "user", "content": content}])
        print(name, image.stem, reply.choices[0].message.content)
