import os

import httpx

VERSION = os.getenv("BAICHUAN_VERSION", "4")


class Bot:
    url = "https://api.openai.com/v1/chat/completions"
    model = "gpt-3.5-turbo-16k"
    key = ""

    def ask(self, text: str) -> str:
        body = {"model": self.model, "messages": [{"role": "user", "content": text}], "stream": False}
        answer = httpx.post(self.url, json=body, headers={"Authorization": f"Bearer {self.key}"}, timeout=60)
        return answer.json()["choices"][0]["message"]["content"]
