"""The text of a configuration file, whatever its encoding."""

from __future__ import annotations

import codecs

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes) -> tuple[str, str]:
    """By byte-order mark, then UTF-8 with GB 18030 behind it; and what was wrong, if anything.

    Line breaks become ``\\n``.
    """
    text, trouble = _decoded(data)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, trouble


def _decoded(data: bytes) -> tuple[str, str]:
    for mark, name in MARKS:
        if data.startswith(mark):
            try:
                return data.decode(name), ""
            except UnicodeDecodeError as error:
                return data.decode(name, "replace"), f"no {name}: {error.reason} at byte {error.start}"
    for name in ("utf-8", "gb18030"):
        try:
            return data.decode(name), ""
        except UnicodeDecodeError as error:
            place = error.start
    return data.decode("utf-8", "replace"), f"neither UTF-8 nor GB 18030: byte {place} is neither"
