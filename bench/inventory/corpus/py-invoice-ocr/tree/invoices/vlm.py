import base64
import os
from pathlib import Path

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
client = OpenAI(base_url=os.environ["VLM_BASE_URL"], api_key=os.environ["VLM_API_KEY"])
MODEL = os.environ["VLM_MODEL"]


def look(path: str) -> str:
    image = base64.b64encode(Path(path).read_bytes()).decode()
    response = client.chat.completions.create(
        model=MODEL,
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image}"}},
                    {"type": "text", "text": "读出发票号码、日期、金额和税额，输出 JSON。"},
                ],
            }
        ],
    )
    return response.choices[0].message.content
