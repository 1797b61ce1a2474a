import dashscope
from dashscope.audio.asr import Recognition
from dashscope.audio.tts_v2 import SpeechSynthesizer

VOICE = "longxiaochun"


def speak(text: str) -> bytes:
    return SpeechSynthesizer(model="cosyvoice-v1", voice=VOICE).call(text)


def listen(path: str) -> list:
    recognition = Recognition(model="paraformer-realtime-v2", format="wav", sample_rate=16000, callback=None)
    return recognition.call(path).get_sentence()
