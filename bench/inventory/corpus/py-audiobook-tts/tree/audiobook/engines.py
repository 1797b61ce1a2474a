import dashscope
import edge_tts
from dashscope.audio.tts_v2 import SpeechSynthesizer
from openai import OpenAI

from audiobook import settings


class CosyEngine:
    def __init__(self, voice: str | None = None):
        self.voice = voice or settings.COSY_VOICE

    def speak(self, text: str) -> bytes:
        synthesizer = SpeechSynthesizer(model=settings.COSY_MODEL, voice=self.voice)
        return synthesizer.call(text)


class OpenAIEngine:
    def __init__(self, voice: str | None = None):
        self.client = OpenAI()
        self.voice = voice or "alloy"

    def speak(self, text: str) -> bytes:
        return self.client.audio.speech.create(model="gpt-4o-mini-tts", voice=self.voice, input=text).content


class EdgeEngine:
    def __init__(self, voice: str | None = None):
        self.voice = voice or "zh-CN-YunxiNeural"

    def speak(self, text: str) -> bytes:
        return b"".join(c["data"] for c in edge_tts.Communicate(text, self.voice).stream_sync() if c["type"] == "audio")


ENGINES = {"cosy": CosyEngine, "openai": OpenAIEngine, "edge": EdgeEngine}
