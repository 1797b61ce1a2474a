import json
import os

# 可用的配置项及默认值
available_setting = {
    "model": "gpt-3.5-turbo",
    "text_to_image": "dall-e-2",
    "text_to_voice_model": "tts-1",
    "voice_to_text_model": "whisper-1",
    "open_ai_api_base": "https://api.openai.com/v1",
    "image_create_prefix": ["画", "看", "找"],
}


class Config(dict):
    def get(self, key, default=None):
        return super().get(key, available_setting.get(key, default))


config = Config()


def load_config():
    path = "./config.json" if os.path.exists("./config.json") else "./config-template.json"
    with open(path, encoding="utf-8") as file:
        config.update(json.load(file))


def conf():
    return config
