"""How often the visible label of a picture is found, and how often one is seen where there is none.

    python bench/explicit_images.py [SEED [PICTURES]]

The pictures are made, not photographed, from seeds that nothing was tuned on, and all letters are of one
typeface: the figures say how the stages compare, not what they reach on pictures from the wild. Intervals are
Clopper-Pearson at 95 %.
"""

from __future__ import annotations

import io
import math
import random
import sys
import time
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFilter

from countermark.labels.explicit import font, ocr
from countermark.labels.explicit.image import Corner, Design, Style, draw
from countermark.labels.explicit.image_detection import ImageFinding, Presence, find

Make = Callable[[random.Random], Image.Image]
SIZES = ((640, 480), (1024, 1024), (1280, 720), (720, 1280))


def scene(chance: random.Random) -> Image.Image:
    """Shapes over a gradient, with noise: as busy as a photograph, and different each time."""
    size = chance.choice(SIZES)
    first, second = (tuple(chance.randrange(256) for _ in range(3)) for _ in range(2))
    mask = Image.linear_gradient("L").resize(size)
    picture = Image.composite(Image.new("RGB", size, first), Image.new("RGB", size, second), mask)
    pen = ImageDraw.Draw(picture)
    for _ in range(chance.randrange(10, 160)):
        x, y, reach = chance.randrange(size[0]), chance.randrange(size[1]), chance.randrange(4, 200)
        colour = tuple(chance.randrange(256) for _ in range(3))
        if chance.randrange(3) == 0:
            pen.line(
                (x, y, x + reach, y + chance.randrange(-80, 80)), fill=colour, width=chance.randrange(1, 8)
            )
        else:
            pen.ellipse((x, y, x + reach, y + chance.randrange(2, reach)), fill=colour)
    noise = Image.effect_noise(size, chance.randrange(4, 40)).convert("RGB")
    return Image.blend(picture.filter(ImageFilter.GaussianBlur(chance.random() * 2)), noise, 0.08)


def compressed(picture: Image.Image, chance: random.Random, scale: float = 1) -> Image.Image:
    """As it comes out of a pipeline."""
    smaller = picture.resize((round(picture.width * scale), round(picture.height * scale)))
    buffer = io.BytesIO()
    smaller.save(buffer, "JPEG", quality=chance.randrange(60, 95))
    return Image.open(buffer)


def ours(style: Style, text: str = "AI生成", scale: float = 1) -> Make:
    """Drawn by this library, 5 to 8 % high, in any corner."""

    def make(chance: random.Random) -> Image.Image:
        height = chance.uniform(0.05, 0.08)
        corner = chance.choice(list(Corner))
        drawn = draw(scene(chance), Design(text, corner, height, style))
        return compressed(drawn, chance, scale)

    return make


def written(text: str, alpha: int) -> Make:
    """Plain white letters, more or less transparent, as others draw them."""

    def make(chance: random.Random) -> Image.Image:
        picture = scene(chance)
        size = round(min(picture.size) * chance.uniform(0.05, 0.08))
        layer = Image.new("RGBA", picture.size)
        letters = font.face(size)
        at = (picture.width - letters.getlength(text) - size / 2, picture.height - 1.7 * size)
        ImageDraw.Draw(layer).text(at, text, fill=(255, 255, 255, alpha), font=letters)
        return compressed(Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB"), chance)

    return make


CASES: dict[str, Make] = {
    "ours, outline": ours(Style.OUTLINE),
    "ours, plate": ours(Style.PLATE),
    "ours, automatic, other words": ours(Style.AUTO, "内容由AI生成"),
    "ours, automatic, at 60 % size": ours(Style.AUTO, scale=0.6),
    "white letters": written("AI生成", 255),
    "white letters, alpha 170": written("图片由AI生成", 170),
    "white letters, alpha 70": written("图片由AI生成", 70),
    "no label": lambda chance: compressed(scene(chance), chance),
    "no label, other Chinese words": written("视频内容服务平台", 255),
    "no label, half of the words": written("模型自动生成", 255),
}


def interval(hits: int, tries: int, level: float = 0.95) -> tuple[float, float]:
    """Exact binomial interval, by bisection. Source: Clopper and Pearson, 1934."""
    tail = (1 - level) / 2

    def at_least(share: float) -> float:
        return sum(
            math.comb(tries, k) * share**k * (1 - share) ** (tries - k) for k in range(hits, tries + 1)
        )

    def at_most(share: float) -> float:
        return sum(math.comb(tries, k) * share**k * (1 - share) ** (tries - k) for k in range(hits + 1))

    low = 0.0 if hits == 0 else bisected(lambda share: at_least(share) - tail)
    high = 1.0 if hits == tries else bisected(lambda share: tail - at_most(share))
    return low, high


def bisected(rising: Callable[[float], float]) -> float:
    """The zero of a rising function between 0 and 1."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return low


def row(name: str, make: Make, seed: int, tries: int, *, read_text: bool) -> str:
    """Look at so many pictures of one case."""
    found: list[ImageFinding] = []
    spent = 0.0
    for number in range(tries):
        picture = make(random.Random(f"{seed} {name} {number}"))
        picture.load()
        start = time.process_time()
        found.append(find(picture, read_text=read_text))
        spent += time.process_time() - start
    hits = sum(one.presence is Presence.FOUND and one.wording.conforms for one in found)
    low, high = interval(hits, tries)
    stages = "shapes and text" if read_text else "shapes"
    return (
        f"{name:32} {stages:16} {hits:3}/{tries}  {low:6.1%} to {high:6.1%}  {1000 * spent / tries:6.0f} ms"
    )


def main() -> None:
    """Print the table."""
    seed, tries = (int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((1, 7), (2, 25)))
    print(f"seed {seed}; CPU time a picture\n{'case':32} {'stages':16} found   95 % interval")
    for name, make in CASES.items():
        for read_text in (False, True) if ocr.available() else (False,):
            print(row(name, make, seed, tries, read_text=read_text), flush=True)


if __name__ == "__main__":
    main()
