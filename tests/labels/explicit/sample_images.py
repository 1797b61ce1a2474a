"""Pictures and metadata made for the tests: nothing here is anyone's."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw, ImageFilter

LABEL = '{"Label":"1","ContentProducer":"maker","ProduceID":"1"}'
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/">'
    b"<TC260:AIGC>{&quot;Label&quot;:&quot;1&quot;}</TC260:AIGC>"
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def scene(seed: int = 0, size: tuple[int, int] = (480, 320), mode: str = "RGB") -> Image.Image:
    """Coloured discs and bars over a sky, somewhat soft, as a photograph is."""
    chance = random.Random(seed)  # noqa: S311 - the same picture each time
    picture = Image.new("RGB", size, tuple(chance.randrange(60, 200) for _ in range(3)))
    pen = ImageDraw.Draw(picture)
    for _ in range(40):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        reach = chance.randrange(4, max(6, min(size) // 3))
        colour = tuple(chance.randrange(256) for _ in range(3))
        shape = chance.choice((pen.ellipse, pen.rectangle))
        shape((x, y, x + reach, y + chance.randrange(2, reach)), fill=colour)
    return picture.filter(ImageFilter.GaussianBlur(1)).convert(mode)
