RELAY = "https://oneapi.lushan-media.example/v1"
SUMMARY_MODEL = "deepseek-v3.1"
TAG_MODEL = "qwen2.5-14b-instruct"
