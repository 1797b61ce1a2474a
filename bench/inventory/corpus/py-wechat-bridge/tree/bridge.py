import const
from bots import ClaudeBot, OpenAIBot, ZhipuBot
from config import conf


def create_bot():
    model = conf().get("model") or const.GPT35
    if model.startswith("claude"):
        return ClaudeBot(model)
    if model in [const.GLM_4_PLUS]:
        return ZhipuBot(model)
    return OpenAIBot(model)
