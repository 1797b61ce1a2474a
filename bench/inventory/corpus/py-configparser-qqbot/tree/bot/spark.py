import json

import websocket

from bot.settings import config

URL = config.get("spark", "url")
DOMAIN = config.get("spark", "domain", fallback="generalv2")


def ask(text: str) -> str:
    socket = websocket.create_connection(URL)
    socket.send(
        json.dumps(
            {
                "header": {"app_id": config.get("spark", "app_id")},
                "parameter": {"chat": {"domain": DOMAIN, "temperature": 0.5, "max_tokens": 2048}},
                "payload": {"message": {"text": [{"role": "user", "content": text}]}},
            }
        )
    )
    return json.loads(socket.recv())["payload"]["choices"]["text"][0]["content"]
