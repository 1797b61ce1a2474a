import os

import ollama
from openai import OpenAI


class BaseTranslator:
    name = "base"
    envs: dict[str, str | None] = {}

    def __init__(self, lang_out: str, model: str | None = None):
        self.lang_out = lang_out
        self.env = {key: os.environ.get(key, default) for key, default in self.envs.items()}
        self.model = model

    def prompt(self, text: str) -> list[dict]:
        return [{"role": "user", "content": f"Translate into {self.lang_out}, keep formulas:\n{text}"}]


class OpenAITranslator(BaseTranslator):
    name = "openai"
    envs = {
        "OPENAI_BASE_URL": "https://api.openai.com/v1",
        "OPENAI_API_KEY": None,
        "OPENAI_MODEL": "gpt-4o-mini",
    }

    def __init__(self, lang_out, model=None, base_url=None, api_key=None):
        super().__init__(lang_out, model)
        self.model = model or self.env["OPENAI_MODEL"]
        self.client = OpenAI(
            base_url=base_url or self.env["OPENAI_BASE_URL"], api_key=api_key or self.env["OPENAI_API_KEY"]
        )

    def translate(self, text: str) -> str:
        response = self.client.chat.completions.create(model=self.model, messages=self.prompt(text), temperature=0)
        return response.choices[0].message.content


class HunyuanTranslator(OpenAITranslator):
    name = "hunyuan"
    envs = {"HUNYUAN_API_KEY": None, "HUNYUAN_MODEL": "hunyuan-translation"}

    def __init__(self, lang_out, model=None):
        env = {key: os.environ.get(key, default) for key, default in self.envs.items()}
        super().__init__(
            lang_out,
            model=model or env["HUNYUAN_MODEL"],
            base_url="https://api.hunyuan.cloud.tencent.com/v1",
            api_key=env["HUNYUAN_API_KEY"],
        )
        self.env = env


class OllamaTranslator(BaseTranslator):
    name = "ollama"
    envs = {"OLLAMA_HOST": "http://127.0.0.1:11434", "OLLAMA_MODEL": "gemma2"}

    def __init__(self, lang_out, model=None):
        super().__init__(lang_out, model)
        self.model = model or self.env["OLLAMA_MODEL"]
        self.client = ollama.Client(host=self.env["OLLAMA_HOST"])

    def translate(self, text: str) -> str:
        return self.client.chat(model=self.model, messages=self.prompt(text))["message"]["content"]


SERVICES = {cls.name: cls for cls in (OpenAITranslator, HunyuanTranslator, OllamaTranslator)}
