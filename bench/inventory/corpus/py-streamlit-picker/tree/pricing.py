"""Prices per thousand tokens, CNY."""

PRICES = {
    "deepseek-ai/DeepSeek-V3": 0.002,
    "Qwen/Qwen2.5-72B-Instruct": 0.00413,
    "THUDM/glm-4-9b-chat": 0.0,
    "Pro/deepseek-ai/DeepSeek-R1": 0.004,
    "internlm/internlm2_5-20b-chat": 0.001,
}


def price(model: str, tokens: int) -> float:
    return PRICES.get(model, 0.0) * tokens / 1000
