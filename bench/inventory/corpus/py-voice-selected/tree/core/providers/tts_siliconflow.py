import requests


class TTSProvider:
    def __init__(self, config):
        self.url = config["url"]
        self.model = config["model"]
        self.voice = config["voice"]
        self.access_token = config["access_token"]

    def text_to_speech(self, text: str) -> bytes:
        payload = {"model": self.model, "input": text, "voice": self.voice, "response_format": "wav"}
        headers = {"Authorization": f"Bearer {self.access_token}"}
        return requests.post(self.url, json=payload, headers=headers, timeout=30).content
