from nonebot import get_plugin_config, on_command, on_message
from nonebot.adapters.onebot.v11 import Message, MessageEvent, MessageSegment
from nonebot.params import CommandArg
from nonebot.rule import to_me
from zhipuai import ZhipuAI

from .config import Config

config = get_plugin_config(Config)
client = ZhipuAI(api_key=config.zhipu_api_key)

chat = on_message(rule=to_me(), priority=50)
draw = on_command("画", priority=10)


@chat.handle()
async def _(event: MessageEvent):
    response = client.chat.completions.create(
        model=config.zhipu_chat_model,
        messages=[{"role": "user", "content": event.get_plaintext()}],
    )
    await chat.finish(response.choices[0].message.content)


@draw.handle()
async def _(args: Message = CommandArg()):
    response = client.images.generations(model=config.zhipu_image_model, prompt=args.extract_plain_text())
    await draw.finish(MessageSegment.image(response.data[0].url))
