import os

from volcenginesdkarkruntime import Ark

from bot.models import ENTRIES


def ask(entry: str, text: str) -> str:
    chosen = ENTRIES[entry]
    client = Ark(api_key=os.environ["ARK_API_KEY"], base_url=chosen["base_url"])
    reply = client.chat.completions.create(
        model=chosen["model"], messages=[{"role": "user", "content": text}]
    )
    return reply.choices[0].message.content
