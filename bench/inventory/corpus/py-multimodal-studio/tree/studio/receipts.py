import enum
import os

from openai import OpenAI


class Reader(str, enum.Enum):
    SMALL = "qwen-vl-ocr"
    LARGE = "qwen-vl-max"


client = OpenAI(api_key=os.getenv("DASHSCOPE_API_KEY"), base_url="https://dashscope.aliyuncs.com/compatible-mode/v1")


def read(url: str, reader: Reader = Reader.SMALL) -> str:
    content = [{"type": "image_url", "image_url": {"url": url}}]
    reply = client.chat.completions.create(model=reader.value, messages=[{"role": "user", "content": content}])
    return reply.choices[0].message.content
