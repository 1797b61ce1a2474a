import dashscope

from bot.settings import config


def ask(text: str) -> str:
    reply = dashscope.Generation.call(
        model=config.get("tongyi", "model", fallback="qwen-turbo"),
        prompt=text,
        api_key=config.get("tongyi", "api_key"),
    )
    return reply.output.text
