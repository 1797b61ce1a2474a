import importlib

import yaml

with open("config.yaml", encoding="utf-8") as f:
    config = yaml.safe_load(f)


def load(kind: str, class_name: str):
    name = config["selected_module"][kind]
    section = config[kind][name]
    prefix = "llm" if kind == "VLLM" else kind.lower()
    module = importlib.import_module(f"core.providers.{prefix}_{section['type']}")
    return getattr(module, class_name)(section)


asr = load("ASR", "ASRProvider")
llm = load("LLM", "LLMProvider")
vision = load("VLLM", "LLMProvider")
tts = load("TTS", "TTSProvider")


def on_audio(pcm: bytes) -> bytes:
    text = asr.speech_to_text(pcm)
    dialogue = [{"role": "system", "content": config["prompt"]}, {"role": "user", "content": text}]
    return tts.text_to_speech("".join(llm.response(dialogue)))
