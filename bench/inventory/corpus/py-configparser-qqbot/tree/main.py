from bot import draw, settings, spark, tongyi

BACKENDS = {"spark": spark.ask, "tongyi": tongyi.ask}


def handle(message: str) -> str:
    if message.startswith("画"):
        return draw.draw(message[1:]) or "绘图功能未开启"
    return BACKENDS[settings.BACKEND](message)


if __name__ == "__main__":
    while True:
        print(handle(input("> ")))
