from zhipuai import ZhipuAI

from bot.settings import config


def draw(prompt: str) -> str | None:
    if not config.getboolean("draw", "enable", fallback=False):
        return None
    return ZhipuAI().images.generations(model=config["draw"]["model"], prompt=prompt).data[0].url
