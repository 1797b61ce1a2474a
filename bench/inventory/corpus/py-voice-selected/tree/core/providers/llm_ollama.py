import requests


class LLMProvider:
    def __init__(self, config):
        self.model_name = config["model_name"]
        self.base_url = config.get("base_url", "http://localhost:11434")

    def response(self, dialogue):
        reply = requests.post(
            f"{self.base_url}/api/chat",
            json={"model": self.model_name, "messages": dialogue, "stream": False},
            timeout=60,
        )
        yield reply.json()["message"]["content"]
