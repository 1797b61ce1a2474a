from enum import Enum
from pathlib import Path

import typer

from audiobook.clean import clean
from audiobook.engines import ENGINES
from audiobook.settings import CHUNK


class Engine(str, Enum):
    cosy = "cosy"
    openai = "openai"
    edge = "edge"


def main(book: Path, out: Path, engine: Engine = Engine.cosy, voice: str = "") -> None:
    speaker = ENGINES[engine.value](voice or None)
    text = clean(book.read_text(encoding="utf-8"))
    with out.open("wb") as f:
        for start in range(0, len(text), CHUNK):
            f.write(speaker.speak(text[start : start + CHUNK]))


if __name__ == "__main__":
    typer.run(main)
